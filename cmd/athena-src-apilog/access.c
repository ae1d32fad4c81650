/* SPDX-License-Identifier: ISC */
#include "access.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "xalloc.h"

/* root can read all there is, so its group is no advice. */
char *access_advice(const char *path)
{
	struct passwd *user = getpwuid(geteuid());
	const char *name = user ? user->pw_name : "USER";
	struct stat st;
	struct group *group;
	mode_t need;

	if (stat(path, &st))
		return xasprintf("let %s read the folders above it: setfacl -m u:%s:x FOLDER", name, name);
	need = S_ISDIR(st.st_mode) ? S_IRGRP | S_IXGRP : S_IRGRP;
	group = st.st_gid ? getgrgid(st.st_gid) : NULL;
	if (group && (st.st_mode & need) == need)
		return xasprintf("its group %s may read it: usermod -aG %s %s", group->gr_name,
				 group->gr_name, name);
	return xasprintf("let %s read it: setfacl -m u:%s:%s %s", name, name,
			 S_ISDIR(st.st_mode) ? "rx" : "r", path);
}
