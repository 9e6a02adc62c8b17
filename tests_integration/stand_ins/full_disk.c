/* A disk that is full on command, for one server: preloaded, it lets a write to a regular file fail
 * with ENOSPC while the file $FULL_DISK exists and its text is part of the written file's path.
 * A file system of its own would need rights that a test machine need not give. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int full(int fd) {
  char link[64], path[4096], part[4096];
  const char *flag = getenv("FULL_DISK");
  int file = flag != NULL ? (int)syscall(SYS_openat, AT_FDCWD, flag, O_RDONLY) : -1;
  if (file < 0) return 0;
  ssize_t size = read(file, part, sizeof part - 1);
  close(file);
  if (size <= 0) return 0;
  part[size] = '\0';
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  if (path[0] != '/' || strstr(path, part) == NULL) return 0;
  errno = ENOSPC;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  return full(fd) ? -1 : REAL(write)(fd, data, size);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  return full(fd) ? -1 : REAL(writev)(fd, parts, count);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return full(fd) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  return full(fd) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  return full(fd) ? -1 : REAL(pwritev)(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  return full(fd) ? -1 : REAL(pwritev64)(fd, parts, count, at);
}
