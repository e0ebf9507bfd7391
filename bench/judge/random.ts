/** Seeded chance, and the draws a simulated release needs. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  /** Even in the logarithm. */
  scale(low: number, high: number): number;
  normal(): number;
  poisson(mean: number): number;
  below(count: number): number;
}

/** Chris Doty-Humphrey's sfc32. */
export function randomFrom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, Math.imul(seed, 0x9e3779b9) | 0, 0x243f6a88, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 20; i++) next();
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    between: (low, high) => low + (high - low) * next(),
    scale: (low, high) => low * (high / low) ** next(),
    poisson: (mean) => (mean < 16 ? smallPoisson(mean, next) : Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))),
    below: (count) => Math.floor(next() * count),
  };
}

function smallPoisson(mean: number, next: () => number): number {
  let term = Math.exp(-mean);
  let left = next() - term;
  let count = 0;
  while (left > 0 && count < 100) {
    count += 1;
    term *= mean / count;
    left -= term;
  }
  return count;
}
