/* SPDX-License-Identifier: GPL-2.0 */
/* Containers by name: lines of /proc/PID/cgroup as their programs leave them. */
#include "trace/filter/container.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ID "3f4e5d6c7b8a9f0e1d2c3b4a5f6e7d8c9b0a1f2e3d4c5b6a7f8e9d0c1b2a3f4e"

static const struct {
	const char *line, *name;
	bool named;
} lines[] = {
	{ "0::/system.slice/docker-" ID ".scope\n", ID, true },
	{ "0::/system.slice/docker-" ID ".scope\n", "3f4e5d6c7b8a", true },
	{ "0::/system.slice/docker-" ID ".scope\n", "3f4e5d6c7b8", false },  /* too short for an id */
	{ "0::/system.slice/docker-" ID ".scope\n", "5d6c7b8a9f0e", false }, /* from its middle */
	{ "12:cpu,cpuacct:/docker/" ID "\n1:name=systemd:/docker/" ID "\n", "3f4e5d6c7b8a9f0e", true },
	{ "0::/machine.slice/libpod-" ID ".scope/container\n", "3f4e5d6c7b8a", true },
	{ "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" ID ".scope", "3f4e5d6c7b8a", true },
	{ "0::/machine.slice/machine-web.scope/payload\n", "web", true },
	{ "0::/machine.slice/machine-web2.scope\n", "web", false },
	{ "0::/machine.slice/machine-theweb.scope\n", "web", false },
	{ "0::/lxc.payload.web/init.scope\n", "web", true },
	{ "0::/lxc/web\n", "web", true },
	{ "0::/lxc/web-old/x\n1:cpu:/lxc/web\n", "web", true },
	{ "0::/\n", "web", false },
	{ "web", "web", false },
	{ "0::/lxc/web\n", "", false },
};

static void named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (container_is_named(lines[i].line, lines[i].name) != lines[i].named)
			fail_msg("\"%s\" in %s", lines[i].name, lines[i].line);
	}
}

static void nobody(void **state)
{
	uint32_t inode = 7;

	(void)state;
	assert_int_equal(container_netns("no-container-has-this-name", &inode), -ENOENT);
	assert_int_equal(inode, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(named),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
