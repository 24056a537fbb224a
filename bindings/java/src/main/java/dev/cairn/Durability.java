// What a commit has reached, or shall reach: the operating system (it survives the process) or the disk
// (it survives a power loss). DEFAULT is OS for synced collections, DISK for local-only ones.
package dev.cairn;

public enum Durability {
  DEFAULT,
  OS,
  DISK;

  static Durability of(int number) {
    return values()[number];
  }
}
