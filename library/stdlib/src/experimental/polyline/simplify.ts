/** A line in the plane, from left to right. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Whether a stretch of a line whose farthest point is so far from its chord is cut there. */
type Divides = (from: number, to: number, distance: number) => boolean;

/**
 * The algorithm of Ramer, Douglas and Peucker: a line is cut at the point that is farthest from its chord,
 * and so are its parts. Gives how far each point was when the line was cut there; 0 for those that no cut
 * needs, infinity for the ends.
 */
export function cuts(line: Line, divides: Divides): Float64Array {
  const points = line.x.length;
  const far = new Float64Array(points);
  if (points > 0) far[0] = far[points - 1] = Infinity;
  const stretches = [[0, points - 1]];
  for (let one = stretches.pop(); one !== undefined; one = stretches.pop()) {
    const [from, to] = one;
    const { at, distance } = farthest(line, from, to);
    if (at === undefined || !divides(from, to, distance)) continue;
    far[at] = distance;
    stretches.push([from, at], [at, to]);
  }
  return far;
}

/** The point between two others that is farthest from the straight line through them. */
function farthest(
  { x, y }: Line,
  from: number,
  to: number,
): { readonly at: number | undefined; readonly distance: number } {
  const [wide, high] = [x[to] - x[from], y[to] - y[from]];
  const length = Math.sqrt(wide * wide + high * high);
  let at: number | undefined;
  let distance = 0;
  for (let i = from + 1; i < to; i++) {
    const away = Math.abs(wide * (y[i] - y[from]) - high * (x[i] - x[from])) / length;
    if (away > distance) [at, distance] = [i, away];
  }
  return { at, distance };
}

/**
 * The distance that digitizing alone can cause, after Prasad et al., "A novel framework for making dominant
 * point detection methods non-parametric" (2012): what is nearer to a chord says nothing about the line.
 */
export function digitizingError({ x, y }: Line, from: number, to: number): number {
  const [wide, high] = [x[to] - x[from], y[to] - y[from]];
  const length = Math.sqrt(wide * wide + high * high);
  const angle = wide === 0 ? 0 : Math.atan(high / wide);
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const most = (Math.abs(sine) + Math.abs(cosine)) / length;
  const turn = (across: number): number =>
    Math.atan((Math.abs(across) / length) * (1 - most + most ** 2));
  return length * Math.max(turn(sine + cosine), turn(sine - cosine));
}
