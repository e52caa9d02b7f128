# SPDX-License-Identifier: GPL-2.0
# Completion of vfio-pasid, for bash-completion

_vfio_pasid() {
	local verbs="list map show check-marker doctor scan set qemu libvirt report diff"
	local options="-F -s -d -n -nn -a -x --json --prometheus --svg --ascii --color --ranges
		--markers --guess --sysfs-root --proc-root --etc-root --boot-root --lib-root --var-root
		--persist --host --reset --qemu --libvirt --help --version"
	local cur prev words cword word

	_init_completion -n : || return
	case $prev in
	-F | --svg | --qemu)	_filedir; return ;;
	--libvirt | --sysfs-root | --proc-root | --etc-root | --boot-root | --lib-root | --var-root)	_filedir -d; return ;;
	--color)	mapfile -t COMPREPLY < <(compgen -W "always never auto" -- "$cur"); return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	for word in "${words[@]:1:cword-1}"; do
		[[ $word != diff ]] || { _filedir; return; }
		[[ $prev == -s || " $verbs " == *" $word "* ]] || continue
		mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/bus/pci/devices 2>/dev/null)" -- "$cur")
		__ltrim_colon_completions "$cur"
		return
	done
	mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
}
complete -F _vfio_pasid vfio-pasid
