// The files of a drop or a picker, folders walked to their ends, each with its path below what was dropped.

/** `[{file, name}]` of a drop. Must be called in the drop's own turn: the browser forgets the items after it. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return pickedFiles(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

export const pickedFiles = (files) => [...files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));

/** What systems leave in folders: `.DS_Store`, `.git/…`, `Thumbs.db`. */
export const isLitter = (name) => name.split("/").some((part) => part.startsWith(".") || part === "Thumbs.db");

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file) found.push({ file, name: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a hundred or so at a time, and an empty list at the end.
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return;
    for (const each of some) await walk(each, found);
  }
}
