/**
 * Least value of a smooth function above lower bounds: limited-memory BFGS on the variables that are free, projected line
 * search over all (Bertsekas, SIAM J. Control Optim. 20, 1982; Nocedal and Wright, Numerical Optimization, alg. 7.4).
 */

export interface Smooth {
  /** Value at `x`; writes the gradient. */
  (x: Float64Array, gradient: Float64Array): number;
}

export interface Minimised {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
  iterations: number;
  evaluations: number;
  converged: boolean;
}

export interface MinimiseOptions {
  mostIterations: number;
  /** Pairs of steps remembered. */
  memory?: number;
  /** Whether a point will do; asked once an iteration. */
  done: (x: Float64Array, gradient: Float64Array, value: number) => boolean;
}

const ARMIJO = 1e-4;
const MOST_HALVINGS = 40;

/** @param start is moved onto the bounds where it lies below */
export function minimise(f: Smooth, start: Float64Array, lower: Float64Array, { mostIterations, memory = 12, done }: MinimiseOptions): Minimised {
  const n = start.length;
  let x = start.map((value, i) => Math.max(value, lower[i]!));
  let gradient = new Float64Array(n);
  let value = f(x, gradient);
  let evaluations = 1;
  let [trial, trialGradient] = [new Float64Array(n), new Float64Array(n)];
  const direction = new Float64Array(n);
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    if (done(x, gradient, value)) return { x, value, gradient, iterations: iteration, evaluations, converged: true };
    const held = (i: number): boolean => x[i]! <= lower[i]! && gradient[i]! > 0;
    twoLoops(steps, gradient, direction, held);
    if (!(dot(direction, gradient) < 0)) {
      // Curvature of other bounds misleads: begin again, downhill.
      steps.length = 0;
      twoLoops(steps, gradient, direction, held);
    }
    let step = steps.length === 0 ? Math.min(1, 0.1 * norm(x) / norm(direction)) : 1;
    let accepted = false;
    for (let halving = 0; halving < MOST_HALVINGS; halving++, step /= 2) {
      let decrease = 0;
      for (let i = 0; i < n; i++) {
        trial[i] = Math.max(lower[i]!, x[i]! + step * direction[i]!);
        decrease += gradient[i]! * (trial[i]! - x[i]!);
      }
      const trialValue = f(trial, trialGradient);
      evaluations++;
      if (!(decrease < 0) || !accepts(value, trialValue, decrease, () => slope(trialGradient, trial, x))) continue;
      remember(steps, x, trial, gradient, trialGradient, memory);
      [x, trial, gradient, trialGradient, value, accepted] = [trial, x, trialGradient, gradient, trialValue, true];
      break;
    }
    if (!accepted) {
      // No smaller value within the precision of doubles; once more without memory, then it is what it is.
      if (steps.length === 0) return { x, value, gradient, iterations: iteration, evaluations, converged: done(x, gradient, value) };
      steps.length = 0;
    }
  }
  return { x, value, gradient, iterations: mostIterations, evaluations, converged: done(x, gradient, value) };
}

/**
 * Armijo's condition; and where the values differ by less than doubles can tell, what it says about the slopes (approximate
 * Wolfe condition: Hager and Zhang, SIAM J. Optim. 16, 2005).
 */
const accepts = (value: number, trial: number, decrease: number, slopeThere: () => number): boolean =>
  trial <= value + ARMIJO * decrease || (trial <= value + 1e-13 * Math.abs(value) && slopeThere() <= (2 * ARMIJO - 1) * decrease);

/** Derivative along the step from `from` to `to`. */
function slope(gradient: Float64Array, to: Float64Array, from: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < to.length; i++) sum += gradient[i]! * (to[i]! - from[i]!);
  return sum;
}

type Pairs = { s: Float64Array; y: Float64Array; rho: number }[];

/** direction = −H·gradient over the free variables. */
function twoLoops(pairs: Pairs, gradient: Float64Array, direction: Float64Array, held: (i: number) => boolean): void {
  for (let i = 0; i < gradient.length; i++) direction[i] = held(i) ? 0 : -gradient[i]!;
  const alphas: number[] = new Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]!;
    alphas[k] = rho * dot(s, direction);
    for (let i = 0; i < direction.length; i++) direction[i]! -= alphas[k]! * y[i]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  pairs.forEach(({ s, y, rho }, k) => {
    const beta = rho * dot(y, direction);
    for (let i = 0; i < direction.length; i++) direction[i]! += (alphas[k]! - beta) * s[i]!;
  });
  for (let i = 0; i < direction.length; i++) if (held(i)) direction[i] = 0;
}

function remember(pairs: Pairs, x: Float64Array, next: Float64Array, gradient: Float64Array, nextGradient: Float64Array, memory: number): void {
  // The oldest pair's arrays are written over.
  const oldest = pairs.length === memory ? pairs.shift()! : { s: new Float64Array(x.length), y: new Float64Array(x.length), rho: 0 };
  const { s, y } = oldest;
  for (let i = 0; i < x.length; i++) {
    s[i] = next[i]! - x[i]!;
    y[i] = nextGradient[i]! - gradient[i]!;
  }
  const curvature = dot(s, y);
  if (curvature > 1e-12 * norm(s) * norm(y)) pairs.push({ s, y, rho: 1 / curvature });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
