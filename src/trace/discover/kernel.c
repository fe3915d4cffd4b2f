/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/netfilter/libnftables.h"

#define CAP_SYS_ADMIN_BIT 21
#define CAP_PERFMON_BIT 38
#define CAP_BPF_BIT 39

const char *tracefs_path(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/trace", places[i]);
		if (!access(path, F_OK))
			return places[i];
	}
	return places[0];
}

__attribute__((format(printf, 4, 5))) static struct kernel_check *add(
	struct kernel_report *report, const char *what, enum kernel_check_state state, const char *fmt, ...)
{
	struct kernel_check *c =
		&report->check[report->n < KERNEL_CHECKS_MAX ? report->n++ : KERNEL_CHECKS_MAX - 1];
	va_list ap;

	c->what = what;
	c->state = state;
	c->remedy[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(c->found, sizeof(c->found), fmt, ap);
	va_end(ap);
	return c;
}

__attribute__((format(printf, 2, 3))) static void remedy(struct kernel_check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->remedy, sizeof(c->remedy), fmt, ap);
	va_end(ap);
}

static void look_kernel(struct kernel_report *report)
{
	struct utsname name;

	uname(&name);
	add(report, "kernel", CHECK_OK, "%s %s %s", name.sysname, name.release, name.machine);
}

static unsigned long long capabilities(void)
{
	unsigned long long caps = 0;
	const char *line;
	size_t len;
	char *text;

	if (file_read("/proc/self/status", &text, &len))
		return 0;
	line = strstr(text, "CapEff:");
	if (line)
		caps = strtoull(line + 7, NULL, 16);
	free(text);
	return caps;
}

static void look_privileges(struct kernel_report *report)
{
	unsigned long long caps = capabilities();
	bool admin = caps >> CAP_SYS_ADMIN_BIT & 1;
	bool bpf = admin || ((caps >> CAP_BPF_BIT & 1) && (caps >> CAP_PERFMON_BIT & 1));

	if (bpf) {
		add(report, "privileges", CHECK_OK, "uid %u, %s", geteuid(),
			admin ? "CAP_SYS_ADMIN" : "CAP_BPF and CAP_PERFMON");
		return;
	}
	remedy(add(report, "privileges", CHECK_FATAL, "uid %u without CAP_BPF and CAP_PERFMON", geteuid()),
		"run as root: sudo skbscope");
}

static void look_lockdown(struct kernel_report *report)
{
	char line[128];
	int err = file_read_line("/sys/kernel/security/lockdown", line, sizeof(line));

	if (err) {
		add(report, "lockdown", CHECK_OK, "not known (/sys/kernel/security/lockdown: %s)",
			strerror(-err));
		return;
	}
	if (strstr(line, "[confidentiality]")) {
		remedy(add(report, "lockdown", CHECK_FATAL,
			       "confidentiality: the kernel refuses to let anybody read it"),
			"boot without lockdown=confidentiality, or use the lab guest: make run");
		return;
	}
	add(report, "lockdown", CHECK_OK, "%s",
		strstr(line, "[integrity]") ? "integrity (tracing is allowed)" : "none");
}

static void look_btf(struct kernel_report *report)
{
	struct btf *btf;

	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		remedy(add(report, "BTF", CHECK_FATAL, "/sys/kernel/btf/vmlinux: %s", strerror(errno)),
			"a kernel built with CONFIG_DEBUG_INFO_BTF=y");
		return;
	}
	btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (!btf) {
		remedy(add(report, "BTF", CHECK_FATAL, "/sys/kernel/btf/vmlinux: %s", strerror(errno)),
			"a kernel whose BTF this libbpf can read");
		return;
	}
	add(report, "BTF", CHECK_OK, "%u types", btf__type_cnt(btf) - 1);
	if (btf__find_by_name_kind(btf, "bpf_kprobe_multi_link", BTF_KIND_STRUCT) > 0)
		add(report, "kprobe.multi", CHECK_OK, "yes: one attachment for all functions");
	else
		add(report, "kprobe.multi", CHECK_MISSING_PART,
			"no (CONFIG_FPROBE, 5.18): kprobe events are used, attaching takes longer");
	if (btf__find_by_name_kind(btf, "bpf_tramp_run_ctx", BTF_KIND_STRUCT) > 0)
		add(report, "fentry", CHECK_OK, "yes, when asked for: --backend fentry");
	else
		add(report, "fentry", CHECK_OK, "no --backend fentry (5.19)");
	btf__free(btf);
}

/* A loaded module must not decide: look whether modules have BTF at all. */
static void look_module_btf(struct kernel_report *report)
{
	char line[64];

	if (file_read_line("/proc/modules", line, sizeof(line)) || !line[0])
		return;
	line[strcspn(line, " ")] = '\0';
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%.60s", line);
	if (access(path, F_OK))
		remedy(add(report, "module BTF", CHECK_MISSING_PART,
			       "none for %s: arguments of module functions are guessed", line),
			"CONFIG_DEBUG_INFO_BTF_MODULES=y (5.11)");
	else
		add(report, "module BTF", CHECK_OK, "yes");
}

bool kernel_has_ftrace(void)
{
	char line[16];

	return file_read_line("/proc/sys/kernel/ftrace_enabled", line, sizeof(line)) || line[0] != '0';
}

static void look_tracefs(struct kernel_report *report)
{
	const char *dir = tracefs_path();
	char path[128];
	char line[16];

	snprintf(path, sizeof(path), "%s/available_filter_functions", dir);
	if (access(path, R_OK)) {
		int err = errno;
		struct kernel_check *c = add(report, "tracefs", CHECK_FATAL, "%s: %s", path, strerror(err));

		if (err == ENOENT)
			remedy(c, "mount -t tracefs nodev /sys/kernel/tracing; without effect: a kernel with "
				  "CONFIG_DYNAMIC_FTRACE=y");
		else
			remedy(c, "run as root: sudo skbscope");
	} else {
		add(report, "tracefs", CHECK_OK, "%s", dir);
	}
	if (!kernel_has_ftrace())
		remedy(add(report, "ftrace", CHECK_MISSING_PART,
			       "switched off: kprobe-multi and trampolines do not work, kprobe does"),
			"sysctl kernel.ftrace_enabled=1");
	snprintf(path, sizeof(path), "%s/kprobe_events", dir);
	if (access(path, W_OK)) {
		int err = errno;

		remedy(add(report, "kprobes", CHECK_FATAL, "%s: %s", path, strerror(err)), "%s",
			err == ENOENT ? "a kernel with CONFIG_KPROBE_EVENTS=y and tracefs mounted"
				      : "run as root: sudo skbscope");
	} else if (!file_read_line("/sys/kernel/debug/kprobes/enabled", line, sizeof(line)) &&
		   line[0] == '0') {
		remedy(add(report, "kprobes", CHECK_FATAL, "switched off"),
			"echo 1 > /sys/kernel/debug/kprobes/enabled");
	} else {
		add(report, "kprobes", CHECK_OK, "%s", path);
	}
}

static void look_kallsyms(struct kernel_report *report)
{
	char line[128];
	int err = file_read_line("/proc/kallsyms", line, sizeof(line));

	if (err || !strncmp(line, "0000000000000000 ", 17))
		/* the first symbols of x86 are at 0 (per-CPU): look at a later one */
		err = err ? err : 1;
	if (err < 0) {
		remedy(add(report, "kallsyms", CHECK_FATAL, "/proc/kallsyms: %s", strerror(-err)),
			"a kernel with CONFIG_KALLSYMS=y");
		return;
	}
	if (!file_read_line("/proc/sys/kernel/kptr_restrict", line, sizeof(line)) && line[0] == '2') {
		remedy(add(report, "kallsyms", CHECK_FATAL, "addresses are hidden (kernel.kptr_restrict=2)"),
			"sysctl kernel.kptr_restrict=1");
		return;
	}
	add(report, "kallsyms", CHECK_OK, "readable");
}

static void look_memlock(struct kernel_report *report)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	if (limit.rlim_cur == RLIM_INFINITY)
		add(report, "memlock", CHECK_OK, "unlimited");
	else if (capabilities() >> 24 & 1) /* CAP_SYS_RESOURCE */
		add(report, "memlock", CHECK_OK, "%lu KiB, raised at start where the kernel needs it",
			(unsigned long)limit.rlim_cur / 1024);
	else
		remedy(add(report, "memlock", CHECK_MISSING_PART, "%lu KiB",
			       (unsigned long)limit.rlim_cur / 1024),
			"ulimit -l unlimited (needed before 5.11)");
}

/* Rules are followed without it, and shown by their handles. */
static void look_rule_text(struct kernel_report *report)
{
	char why[120];
	struct libnftables *lib = libnftables_load(why, sizeof(why));

	if (lib)
		add(report, "rule text", CHECK_OK, "libnftables is there");
	else
		remedy(add(report, "rule text", CHECK_MISSING_PART, "%.119s", why),
			"install libnftables (Debian: libnftables1); without it rules are shown by their "
			"handles");
	libnftables_free(lib);
}

/* What all the rest is about: does bpf(2) take a tracing program? */
static void try_load(struct kernel_report *report)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "skbscope_try", "GPL", insns, 2, NULL);
	int err = errno;

	if (fd >= 0) {
		close(fd);
		add(report, "bpf", CHECK_OK, "a kprobe program loads");
	} else {
		remedy(add(report, "bpf", CHECK_FATAL, "loading a kprobe program: %s", strerror(err)), "%s",
			err == EPERM	? "root and no lockdown are needed; in a container: on the host"
			: err == EINVAL ? "a kernel with CONFIG_BPF_EVENTS=y"
					: "a kernel with CONFIG_BPF_SYSCALL=y");
	}
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "skbscope_try", 0, 0, 4096, NULL);
	if (fd >= 0) {
		close(fd);
		add(report, "ring buffer", CHECK_OK, "yes");
	} else if (errno == EINVAL) {
		remedy(add(report, "ring buffer", CHECK_FATAL, "no BPF ring buffer"),
			"a kernel of 5.8 or later");
	}
}

void kernel_look_quickly(struct kernel_report *report)
{
	*report = (struct kernel_report){ 0 };
	look_privileges(report);
	look_lockdown(report);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		remedy(add(report, "BTF", CHECK_FATAL, "/sys/kernel/btf/vmlinux: %s", strerror(errno)),
			"a kernel built with CONFIG_DEBUG_INFO_BTF=y");
	look_tracefs(report);
	look_kallsyms(report);
	report->can_trace = !kernel_obstacle(report);
}

void kernel_try(struct kernel_report *report)
{
	*report = (struct kernel_report){ 0 };
	try_load(report);
	report->can_trace = !kernel_obstacle(report);
}

void kernel_look(struct kernel_report *report)
{
	*report = (struct kernel_report){ 0 };
	look_kernel(report);
	look_privileges(report);
	look_lockdown(report);
	look_btf(report);
	look_module_btf(report);
	look_tracefs(report);
	look_kallsyms(report);
	look_memlock(report);
	look_rule_text(report);
	try_load(report);
	report->can_trace = !kernel_obstacle(report);
}

const struct kernel_check *kernel_obstacle(const struct kernel_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		if (report->check[i].state == CHECK_FATAL)
			return &report->check[i];
	}
	return NULL;
}

void kernel_report_print(const struct kernel_report *report, FILE *out)
{
	static const char *const mark[] = {
		[CHECK_OK] = "ok", [CHECK_MISSING_PART] = "part", [CHECK_FATAL] = "NO"
	};

	for (size_t i = 0; i < report->n; i++) {
		const struct kernel_check *c = &report->check[i];

		fprintf(out, "%-4s %-13s %s\n", mark[c->state], c->what, c->found);
		if (c->remedy[0])
			fprintf(out, "%19s→ %s\n", "", c->remedy);
	}
	fprintf(out, "%s\n", report->can_trace ? "skbscope can trace here." : "skbscope cannot trace here.");
}
