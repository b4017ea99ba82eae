// What a process does with its address space and its heap that Swift cannot say: calls that are variadic or that only
// some systems have. Where a system has no such call, nothing happens and the answer says so.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// Puts the pages of `source`, a shared mapping of a file, in the place of the `count` bytes at `target`, in one step:
/// whoever reads there meanwhile reads the old bytes or the new ones. `source` stays mapped where it is.
///
/// Both are starts of mappings of `count` bytes. Gives false, with everything as it was, where that cannot be done
/// (Linux has mremap(2) for it).
bool cm_map_over(void *target, void *source, size_t count);

/// Keeps freed memory from staying with the process: few arenas, large allocations mapped on their own, and that for
/// good (glibc's mallopt(3); by default it raises the size of what it maps with every such block that is freed).
/// To be called before there are many threads.
void cm_limit_heap(void);

/// Gives freed pages within the heap back to the system (glibc's malloc_trim(3)).
void cm_trim_heap(void);

/// Bytes the heap holds that are free; 0 where that is not known (glibc's mallinfo2(3)).
size_t cm_free_heap_bytes(void);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
