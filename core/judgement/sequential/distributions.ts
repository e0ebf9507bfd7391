/** The few distributions the tests need. */

/** Peter Acklam's rational approximation: relative error below 1.2e-9. */
export function normalQuantile(probability: number): number {
  if (probability <= 0) return -Infinity;
  if (probability >= 1) return Infinity;
  const TAIL = 0.02425;
  if (probability > 1 - TAIL) return -normalQuantile(1 - probability);
  if (probability < TAIL) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(q, TAIL_TOP) / polynomial(q, TAIL_BOTTOM);
  }
  const q = probability - 0.5;
  return (q * polynomial(q * q, MIDDLE_TOP)) / polynomial(q * q, MIDDLE_BOTTOM);
}

const MIDDLE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239,
];
const MIDDLE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783,
];
const TAIL_BOTTOM = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];

/** Highest power first. */
const polynomial = (x: number, coefficients: readonly number[]) => coefficients.reduce((sum, one) => sum * x + one, 0);

/** Wilson and Hilferty's cube: within 1 % from two degrees of freedom on, and never above the truth in the low tail. */
export function chiSquareQuantile(probability: number, degrees: number): number {
  if (degrees <= 0) return 0;
  const spread = 2 / (9 * degrees);
  return degrees * Math.max(0, 1 - spread + normalQuantile(probability) * Math.sqrt(spread)) ** 3;
}

/** P(X ≥ count) of a Poisson variable. */
export function poissonTail(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return Math.max(0, 1 - below);
}
