#define _GNU_SOURCE
#include "memory.h"

#include <sys/mman.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

bool cm_map_over(void *target, void *source, size_t count) {
#if defined(__linux__)
  // An old size of 0 maps the pages of a shared mapping a second time. The kernel does what can fail (limits on
  // mappings and address space) before it takes the old pages away, all of it with the address space locked.
  return mremap(source, 0, count, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target;
#else
  (void)target;
  (void)source;
  (void)count;
  return false;
#endif
}

void cm_limit_heap(void) {
#if defined(__GLIBC__)
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

void cm_trim_heap(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

size_t cm_free_heap_bytes(void) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  return mallinfo2().fordblks;
#else
  return 0;
#endif
}
