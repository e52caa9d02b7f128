/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command vfio-pasid: declarations, file by file
 *
 * The decision itself is the module's pure code, compiled in. Nothing here
 * decides where a capability may live.
 */
#ifndef VFIO_PASID_TOOL_H
#define VFIO_PASID_TOOL_H

#include <stdio.h>

#include <linux/types.h>

#include "vfio_pasid_guard.h"
#include "vfio_pasid_locate.h"
#include "vfio_pasid_rules.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes, as diff(1) has them */
#define EXIT_YES	0
#define EXIT_NO		1
#define EXIT_TROUBLE	2

/* main.c */
#define MAX_PAIRS	8

/**
 * struct options - The command line, and the module's parameters
 * @dump: File with a dump, NULL: this machine's devices
 * @sysfs: Where sysfs is
 * @proc: Where procfs is
 * @etc: Where modprobe.d is
 * @boot: Where the kernel's configuration is
 * @lib: Where the kernel's modules are
 * @var: Where dkms' state is
 * @value: set: the range
 * @persist: set: for every boot
 * @host: doctor: this is no guest
 * @reset: scan: reset the function in between
 * @qemu: The program, NULL: what is installed
 * @libvirt: Directory with its schemas, NULL: what is installed
 * @svg: File for the picture
 * @slots: What -s and the arguments ask for, @num_slots of them
 * @id: What -d asks for
 * @numeric: 1: numbers, 2: numbers and names
 * @all: Every function
 * @json: Machine-readable output
 * @prometheus: Likewise, for node_exporter
 * @ascii: Plain ASCII
 * @color: With colors
 * @hex: Values in the picture
 * @guess: Guess for every function
 * @guess_in_force: The parameter guess= of the module
 * @rules: The parameter ranges=
 * @pairs: The parameter markers=
 */
struct options {
	const char *dump;
	const char *sysfs;
	const char *proc;
	const char *etc;
	const char *boot;
	const char *lib;
	const char *var;
	const char *value;
	bool persist;
	bool host;
	bool reset;
	const char *qemu;
	const char *libvirt;
	const char *svg;
	char **slots;
	unsigned int num_slots;
	char *id;
	unsigned int numeric;
	bool all;
	bool json;
	bool prometheus;
	bool ascii;
	bool color;
	bool hex;
	bool guess;
	char *guess_in_force;
	struct vfio_pasid_rule rules[VFIO_PASID_MAX_RULES];
	unsigned int num_rules;
	struct vfio_pasid_pair pairs[MAX_PAIRS];
	unsigned int num_pairs;
};

extern struct options options;

void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...);
void *allocate(size_t size);

/* params.c */
void params_set_ranges(const char *text);
void params_set_markers(const char *text);
void params_from_kernel(void);
bool params_may_guess(const struct vfio_pasid_id *id);

/* function.c */
struct pci_dev;

/**
 * struct function - One PCI function, of this machine or of a dump
 * @next: The next one
 * @pdev: libpci's
 * @id: How rules and table know it
 * @address: In text
 * @class: Class code, without the programming interface
 * @type: Header type, 0 for what can be assigned
 * @size: Bytes of config space
 * @live: It is in this machine
 * @anonymous: A dump of a VF that does not tell its IDs
 * @config: Its bytes
 * @known: Which of them were read
 */
struct function {
	struct function *next;
	struct pci_dev *pdev;
	struct vfio_pasid_id id;
	char address[24];
	u16 class;
	u8 type;
	u16 size;
	bool live;
	bool anonymous;
	u8 config[VFIO_PASID_CFG_SIZE];
	bool known[VFIO_PASID_CFG_SIZE];
};

struct function *functions_open(void);
void functions_close(struct function *list);
struct function *function_new(unsigned int domain, unsigned int bus,
			      unsigned int devfn);
struct function *function_find(const char *address);
void function_drop(struct function *f);
int function_read(void *ctx, u16 offset, u32 *val);
void function_read_all(struct function *f, const struct vfio_pasid_range *live,
		       unsigned int num_live);
void function_forget(struct function *f, u16 offset, u16 length);
bool function_knows(struct function *f, u16 offset, u16 length);
u16 function_find_cap(struct function *f, u8 id);
u16 function_find_ext_cap(struct function *f, u16 id);
u32 function_get(struct function *f, u16 offset, unsigned int bytes);
const char *function_name(const struct function *f, char *to, size_t size);
const char *function_class(const struct function *f, char *to, size_t size);

/* sysfs.c */
/**
 * struct verdict - What the module says of a function, in sysfs
 * @offset: Each file's text, without the newline; docs/ABI.txt
 */
struct verdict {
	char offset[16];
	char range[32];
	char ranges[256];
	char source[16];
	char verified[8];
	char width[8];
	char visible[8];
	char reason[160];
};

bool sysfs_read(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool sysfs_link(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool sysfs_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
unsigned long long sysfs_iommu(const struct function *f, const char *file);
bool sysfs_verdict(const struct function *f, struct verdict *v);
bool sysfs_is_served(const struct function *f);
bool sysfs_is_vfio(const struct function *f);
const char *sysfs_driver(const struct function *f, char *to, size_t size);

/* dump.c */
struct function *dump_read(FILE *in);
char *read_text(FILE *in, size_t *length);

/* caps.c */
#define MAX_CAPS	1024

/**
 * struct cap - A capability of the physical lists
 * @offset: Where it is
 * @length: Its bytes, as far as is known
 * @id: Capability ID
 * @version: Of an extended one
 * @extended: It is one
 * @hidden: vfio-pci does not show it to its user
 * @open_ended: It may be longer than @length
 * @marker: It says that it is unused space
 */
struct cap {
	u16 offset;
	u16 length;
	u16 id;
	u8 version;
	bool extended;
	bool hidden;
	bool open_ended;
	bool marker;
};

struct decision;
unsigned int caps_list(struct function *f, const struct decision *d,
		       struct cap *to);
const char *cap_name(const struct cap *cap, char *to, size_t size);

/* decision.c */
/**
 * struct decision - A dry run of what the module does when a function is opened
 * @image: The function, as the decision reads it
 * @candidates: What administrator and table say, and the verdict on it
 * @live: Where the table knows of registers
 * @map: vfio's map of capabilities
 * @req: The request
 * @place: The decision
 * @guard: What the guard found
 * @hazard: vfio-pci would not survive this function, so it is not opened
 */
struct decision {
	struct vfio_pasid_image image;
	struct vfio_pasid_candidate candidates[VFIO_PASID_MAX_CANDIDATES];
	struct vfio_pasid_range live[VFIO_PASID_MAX_LIVE];
	u8 map[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_request req;
	struct vfio_pasid_place place;
	struct vfio_pasid_guard guard;
	enum vfio_pasid_hazard hazard;
};

struct decision *decide(struct function *f);
bool decision_has_place(const struct decision *d);
void decision_text(const struct function *f, const struct decision *d,
		   char *to, size_t size);
void refusal_text(const struct vfio_pasid_candidate *c, char *to, size_t size);

/* guest.c */
unsigned int guest_list(const struct function *f, const struct decision *d,
			struct cap *to);
void guest_layout(const struct function *f, const struct decision *d,
		  const struct verdict *v, char *to, size_t size);
bool guest_prefix(struct function *f, bool *known);

/* guess.c */
/**
 * struct guess - Where a VMM puts the capability if nobody tells it
 * @who: The VMM
 * @offset: Its place
 * @good: It is inside of a range that passed all checks
 * @verdict: What is there
 */
struct guess {
	const char *who;
	u16 offset;
	bool good;
	char verdict[120];
};

#define MAX_GUESSES	2

unsigned int guesses(struct function *f, const struct decision *d,
		     struct guess *to);

/* layout.c */
enum owner {
	OWNER_UNREAD,
	OWNER_ZERO,
	OWNER_BYTES,
	OWNER_HEADER,
	OWNER_CAP,
	OWNER_CAP_ODD,
	OWNER_HIDDEN,
	OWNER_LIVE,
	OWNER_REFUSED,
	OWNER_FREE,
	OWNER_PLACE,
	OWNER_GUESS,
	NUM_OWNERS,
};

#define ROW	16U

/**
 * struct item - Something with a place, a length and a name
 * @offset: First byte
 * @length: Bytes
 * @owner: What it is
 * @text: In words
 */
struct item {
	u16 offset;
	u16 length;
	enum owner owner;
	char text[200];
};

/**
 * struct layout - The picture, before it is drawn
 * @function: Of what
 * @decision: Its decision
 * @owner: Who has each byte
 * @items: Ascending
 * @num_items: How many
 */
struct layout {
	struct function *function;
	struct decision *decision;
	u8 owner[VFIO_PASID_CFG_SIZE];
	struct item items[MAX_CAPS + 64];
	unsigned int num_items;
};

/**
 * struct row - Sixteen bytes, or more that look alike
 * @offset: First byte
 * @length: Bytes
 * @folded: These rows are like the last byte before them
 */
struct row {
	u16 offset;
	u16 length;
	bool folded;
};

struct layout *layout_make(struct function *f, struct decision *d);
unsigned int layout_rows(const struct layout *l, struct row *rows);
const char *owner_text(enum owner owner);
unsigned int layout_legend(const struct layout *l, enum owner *to);

/* verbs: they return an exit code */
int verb_list(struct function *list);
int verb_show(struct function *list);
int verb_map(struct function *list);
int verb_check_marker(struct function *list);
int verb_diff(char **paths, unsigned int n);

int verb_set(struct function *list);
int verb_report(struct function *list);
int verb_doctor(struct function *list);
int verb_scan(struct function *list);
int verb_qemu(struct function *list);
int verb_libvirt(struct function *list);

/* reset.c */
void reset_function(const struct function *f);

/* vmdef.c */
#define QEMU_OFFSET	"x-vpasid-cap-offset"

enum viommu {
	VIOMMU_NONE,
	VIOMMU_INTEL,
	VIOMMU_SMMUV3,
};

/**
 * struct vmdef - What a VM's definition needs
 * @function: For this function
 * @viommu: The vIOMMU that goes with the host's IOMMU
 * @bits: Its width
 * @offset: Where the VMM puts the capability, 0: the kernel shows it
 */
struct vmdef {
	struct function *function;
	enum viommu viommu;
	unsigned int bits;
	unsigned int offset;
};

/**
 * struct qemu - The installed QEMU
 * @program: Its name
 * @version: As it says
 * @function: Its help on vfio-pci
 * @viommu: Its help on the vIOMMU
 */
struct qemu {
	const char *program;
	char version[32];
	char *function;
	char *viommu;
};

bool vmdef_make(struct function *list, struct vmdef *def);
void vmdef_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void qemu_open(const struct vmdef *def, struct qemu *qemu);
void qemu_close(struct qemu *qemu);
bool qemu_has(const char *help, const char *name);
bool qemu_can(const struct qemu *qemu, const struct vmdef *def);
bool qemu_lacks_fs1gp(const struct qemu *qemu, const struct vmdef *def);

/* report.c */
enum finding {
	FINDING_OK,
	FINDING_NO,
	FINDING_UNKNOWN,
};

void report_start(const struct function *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void report_check(const char *name);
void report(enum finding finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int report_end(bool guest);

/* kernel.c */
bool file_find(char *to, size_t size, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void kernel_release(char *to, size_t size);
bool kernel_has_iommufd(const char *release);
bool module_check(void);

/* path.c */
void path_check(struct function *f);

/* vm.c */
void vm_check(const struct function *f);

/* prometheus.c */
int prometheus_print(struct function *list);

/* list.c */
bool list_wanted(struct function *f, const struct decision *d);

/* json.c */
struct json_object;
struct json_object *json_top(void);
void json_finish(struct json_object *top);
void json_add_string(struct json_object *to, const char *name,
		     const char *value);
struct json_object *json_range(const struct vfio_pasid_range *r);
struct json_object *json_identity(const struct function *f);
int json_print(struct function *list);

/* pf.c */
struct function *pf_of(struct function *f);
unsigned int pf_width(struct function *pf);
unsigned int function_width(struct function *f, const struct verdict *v);

/* svg.c */
void svg_write(const struct layout *l, FILE *out);

/* term.c */
enum color {
	COLOR_NONE,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_BLUE,
	COLOR_MAGENTA,
	COLOR_CYAN,
};

void term_begin(enum color color);
void term_end(void);
void term_print(enum color color, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void term_setup(const char *color);

#endif /* VFIO_PASID_TOOL_H */
