/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a kernel as vfio_pci_config.c and the module need
 *
 * All headers of the kernel that they include lead here, but for pci_regs.h,
 * which comes from the same source package as the core. What is not pure is in
 * core/kernel.c for all tests, in core/memory.c for those of the guard, and in
 * session/kernel.c for those of the session.
 *
 * There is one thread. A lock that is taken twice is a deadlock, and a trylock
 * of one that is held fails.
 */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <linux/pci_regs.h>
#include <linux/types.h>

/* Words */
#define __init
#define __exit
#define __iomem
#define __rcu
#define __user
#define IS_ENABLED(CONFIG_NAME)	true
#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)
#define WARN_ON(condition)	core_warn(condition)
#define WARN_ON_ONCE(condition)	core_warn(condition)
#define likely(condition)	(condition)
#define READ_ONCE(val)		(val)
#define WRITE_ONCE(to, val)	((to) = (val))
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define PAGE_SIZE		4096

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

#define cpu_to_le16(val)	htole16(val)
#define cpu_to_le32(val)	htole32(val)
#define le16_to_cpu(val)	le16toh(val)
#define le32_to_cpu(val)	le32toh(val)

#define min(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	a_ < b_ ? a_ : b_;			\
})

#define max(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	a_ > b_ ? a_ : b_;			\
})

#define noinline
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#define container_of(member_, type, name)	\
	((type *)((char *)(member_) - offsetof(type, name)))

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p > -4096UL;
}

static inline int ilog2(u32 val)
{
	return 31 - __builtin_clz(val);
}

static inline int round_up(int val, int step)
{
	return (val + step - 1) / step * step;
}

static inline u64 roundup_pow_of_two(u64 val)
{
	u64 power = 1;

	while (power < val)
		power *= 2;
	return power;
}

/* Lists */
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#define LIST_HEAD(name)	struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	node->next = head;
	node->prev = head->prev;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_add_tail(node, head->next);
}

static inline void list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
	node->next = NULL;
	node->prev = NULL;
}

#define list_entry_of(node, pos, member)	\
	container_of(node, __typeof__(*(pos)), member)

#define list_for_each_entry(pos, head, member)				\
	for (pos = list_entry_of((head)->next, pos, member);		\
	     &pos->member != (head);					\
	     pos = list_entry_of(pos->member.next, pos, member))

#define list_for_each_entry_safe(pos, following, head, member)		\
	for (pos = list_entry_of((head)->next, pos, member),		\
	     following = list_entry_of(pos->member.next, pos, member);	\
	     &pos->member != (head);					\
	     pos = following,						\
	     following = list_entry_of(pos->member.next, pos, member))

/* Hash tables, with one bucket */
#define hlist_node	list_head
#define DEFINE_HASHTABLE(name, bits)	LIST_HEAD(name)
#define hash_add(table, node, key)	list_add(node, &(table))
#define hash_del(node)	list_del(node)

#define hash_for_each_possible(table, pos, member, key)	\
	list_for_each_entry(pos, &(table), member)

#define hash_for_each(table, bucket, pos, member)	\
	for (bucket = 0; !bucket; bucket++)		\
		list_for_each_entry(pos, &(table), member)

#define hash_for_each_safe(table, bucket, next, pos, member)		\
	for (bucket = 0, next = (table).next;				\
	     !bucket && (pos = list_entry_of(next, pos, member),	\
			 next = next->next, &pos->member != &(table));)

/* Locks: @held counts readers, a writer is -1 */
struct mutex {
	int held;
};

struct rw_semaphore {
	int held;
};

#define DEFINE_MUTEX(name)		struct mutex name
#define DEFINE_SPINLOCK(name)		struct mutex name
#define lockdep_assert_held(lock)	kernel_check((lock)->held, #lock)

void kernel_check(bool condition, const char *what);

static inline bool mutex_trylock(struct mutex *lock)
{
	bool free = !lock->held;

	lock->held = -1;
	return free;
}

static inline void mutex_lock(struct mutex *lock)
{
	kernel_check(mutex_trylock(lock), "deadlock");
}

static inline void mutex_unlock(struct mutex *lock)
{
	kernel_check(lock->held, "unlock");
	lock->held = 0;
}

#define spin_lock		mutex_lock
#define spin_unlock		mutex_unlock

static inline void init_rwsem(struct rw_semaphore *lock)
{
	lock->held = 0;
}

static inline bool down_write_trylock(struct rw_semaphore *lock)
{
	if (lock->held)
		return false;
	lock->held = -1;
	return true;
}

static inline void down_write(struct rw_semaphore *lock)
{
	kernel_check(down_write_trylock(lock), "deadlock");
}

static inline void up_write(struct rw_semaphore *lock)
{
	kernel_check(lock->held == -1, "up_write");
	lock->held = 0;
}

static inline void down_read(struct rw_semaphore *lock)
{
	kernel_check(lock->held >= 0, "deadlock");
	lock->held++;
}

static inline bool down_read_trylock(struct rw_semaphore *lock)
{
	if (lock->held < 0)
		return false;
	lock->held++;
	return true;
}

static inline void up_read(struct rw_semaphore *lock)
{
	kernel_check(lock->held > 0, "up_read");
	lock->held--;
}

void synchronize_rcu_tasks(void);

/* Time, in milliseconds: nobody else runs meanwhile, and it passes by sleeping */
extern unsigned long jiffies;

#define msecs_to_jiffies(ms)	(ms)
#define time_after(a, b)	((long)((b) - (a)) < 0)

static inline void usleep_range(unsigned long from, unsigned long to)
{
	jiffies += to / 1000 + 1;
}

#define atomic_t			int
#define ATOMIC_INIT(val)		(val)
#define atomic_inc(val)			(++*(val))
#define atomic_dec_and_test(val)	(!--*(val))
#define atomic_read(val)		(*(val))
#define wake_up_var(val)		((void)(val))
#define wait_var_event(val, condition)	kernel_check(condition, "waits for ever")
/* One thread needs no barrier */
#define smp_store_release(to, val)	(*(to) = (val))
/* Nor here */
#define smp_load_acquire(from)		(*(from))
#define rcu_read_lock()
#define rcu_read_unlock()

/* Work: a test runs it, with run_work() */
struct work_struct {
	void (*fn)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	bool pending;
};

#define DECLARE_DELAYED_WORK(name, fn)	struct delayed_work name = { { fn }, false }

void schedule_delayed_work(struct delayed_work *work, unsigned long delay);
void cancel_delayed_work_sync(struct delayed_work *work);

/* Memory */
void *kmalloc(size_t size, int flags);
void *kzalloc(size_t size, int flags);
void kfree(const void *p);
struct kmem_cache *kmem_cache_create(size_t size);
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_zalloc(struct kmem_cache *cache, int flags);
void kmem_cache_free(struct kmem_cache *cache, void *p);
#define KMEM_CACHE(name, flags)	kmem_cache_create(sizeof(struct name))

bool core_warn(bool condition);

#define kmalloc_obj(object, flags)	kmalloc(sizeof(object), flags)

/* Of users: all of it, or none */
unsigned long copy_from_user(void *to, const void *from, size_t size);
unsigned long copy_to_user(void *to, const void *from, size_t size);
size_t fault_in_readable(const char *from, size_t size);

#define get_user(val, from)	(copy_from_user(&(val), from, sizeof(val)) ? -EFAULT : 0)

/* Logs */
void kernel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kernel_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define pr_err			kernel_log
#define pr_info			kernel_log
#define pci_info(pdev, ...)	((void)(pdev), kernel_log(__VA_ARGS__))
#define pci_dbg(pdev, ...)	((void)(pdev), kernel_debug(__VA_ARGS__))
#define pci_warn		pci_info
#define dev_err_ratelimited	pci_info
#define dev_warn_ratelimited	pci_info

/* Strings, files, parameters */
int scnprintf(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int sysfs_emit_at(char *to, int at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int kstrtobool(const char *text, bool *val);
int match_string(const char * const *names, size_t n, const char *text);

#define sysfs_emit(to, ...)	sysfs_emit_at(to, 0, __VA_ARGS__)
#define sysfs_match_string(names, text)	\
	match_string(names, ARRAY_SIZE(names), text)

struct kernel_param;

struct kernel_param_ops {
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *to, const struct kernel_param *kp);
};

struct kernel_param {
	const char *name;
	const struct kernel_param_ops *ops;
	void *arg;
	struct kernel_param *next;
};

void kernel_param_add(struct kernel_param *param);

#define module_param_cb(name_, ops_, arg_, mode)			\
static void __attribute__((constructor)) add_param_ ## name_(void)	\
{									\
	static struct kernel_param param = { #name_, ops_, arg_, NULL };	\
									\
	kernel_param_add(&param);					\
}									\
struct param_ ## name_
#define MODULE_PARM_DESC(name, text)	struct param_description_ ## name

/* Modules */
#define EXPORT_SYMBOL_GPL(name)	struct export_ ## name

struct module {
	const char *name;
	int references;
	bool going;
};

extern struct module kernel_this_module;
extern int (*kernel_init)(void);
extern void (*kernel_exit)(void);

#define MODULE_LICENSE(text)	struct module_license
#define MODULE_DESCRIPTION(text) struct module_description
#define MODULE_AUTHOR(text)	struct module_author
#define MODULE_VERSION(text)	struct module_version
#define THIS_MODULE	(&kernel_this_module)
#define module_init(name)	int (*kernel_init)(void) = name
#define module_exit(name)	void (*kernel_exit)(void) = name

bool try_module_get(struct module *module);
void module_put(struct module *module);

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long action,
			     void *data);
};

#define NOTIFY_DONE	0

#include "device.h"

#endif /* CORE_KERNEL_H */
