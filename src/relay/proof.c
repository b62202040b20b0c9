/* Whether a connection on loopback is this very process's own. */
#include "internal.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char sockets_path[] = "/proc/self/net/tcp", own_path[] = "/proc/self/fd";

bool relay_is_possible(void)
{
    return access(sockets_path, R_OK) == 0 && access(own_path, R_OK | X_OK) == 0;
}

/* As that file writes an address: "0100007F:D431". */
static void put_address(const struct sockaddr_in *address, char ret_text[16])
{
    (void)snprintf(ret_text, 16, "%08X:%04X", address->sin_addr.s_addr,
                   (unsigned)ntohs(address->sin_port));
}

/* The inode of the socket of this user that has these two ends; 0 when there is none. */
static unsigned long find_socket(const char *local, const char *remote)
{
    FILE *file = fopen(sockets_path, "re");
    unsigned long found = 0;
    char line[512];

    while (file && found == 0 && fgets(line, sizeof(line), file)) {
        char at[16], to[16];
        unsigned long inode = 0;
        unsigned uid = 0;
        if (sscanf(line, " %*d: %15s %15s %*s %*s %*s %*s %u %*d %lu", at, to, &uid, &inode) == 4 &&
            strcmp(at, local) == 0 && strcmp(to, remote) == 0 && uid == geteuid())
            found = inode;
    }
    if (file)
        (void)fclose(file);
    return found;
}

static bool is_own(unsigned long inode)
{
    char want[48], path[sizeof(own_path) + 256], is[64];
    DIR *own = opendir(own_path);
    bool found = false;

    (void)snprintf(want, sizeof(want), "socket:[%lu]", inode);
    for (struct dirent *entry; own && !found && (entry = readdir(own)) != NULL;) {
        (void)snprintf(path, sizeof(path), "%s/%s", own_path, entry->d_name);
        ssize_t len = readlink(path, is, sizeof(is) - 1);
        if (len <= 0)
            continue;
        is[len] = '\0';
        found = strcmp(is, want) == 0;
    }
    if (own)
        (void)closedir(own);
    return found;
}

bool proof_is_ours(int accepted_fd)
{
    struct sockaddr_in here, there;
    socklen_t len = sizeof(here);
    char local[16], remote[16];

    if (getsockname(accepted_fd, (struct sockaddr *)&here, &len) != 0)
        return false;
    len = sizeof(there);
    if (getpeername(accepted_fd, (struct sockaddr *)&there, &len) != 0)
        return false;
    put_address(&there, local); // seen from the other end
    put_address(&here, remote);
    unsigned long inode = find_socket(local, remote);
    return inode != 0 && is_own(inode);
}
