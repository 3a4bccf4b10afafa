/** Bytes of a double, as a power of two. */
export const double: i32 = 3;

/** The first byte that no array lies at. */
let end: usize = __heap_base;

/** Gives up all arrays. */
export function clear(): void {
  end = __heap_base;
}

/** Room for so many bytes, of no certain content. */
export function room(bytes: usize): usize {
  const at = (end + 15) & ~15;
  end = at + bytes;
  const pages = <i32>((end + 0xffff) >>> 16);
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) unreachable();
  return at;
}
