// Random choices that a seed repeats.

// Mixes two 32-bit numbers into one: the seed of a part from the seed of the whole.
export function mixSeeds(a, b) {
  let mixed = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // From 0 to less than 1: the generator mulberry32.
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count) {
    return Math.floor(this.next() * count);
  }

  between(least, most) {
    return least + this.below(most - least + 1);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // One of the names of an object of weights.
  weighted(weights) {
    const entries = Object.entries(weights);
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return entries[0][0];
  }

  // `count` different items, in a random order; all of them where there are fewer.
  sample(list, count) {
    const rest = [...list];
    const taken = [];
    while (taken.length < count && rest.length > 0)
      taken.push(...rest.splice(this.below(rest.length), 1));
    return taken;
  }
}
