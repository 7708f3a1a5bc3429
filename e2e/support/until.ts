// Waiting for something to become so, with words for when it does not.

/** Asks again and again until the answer is neither undefined nor null nor false. What `probe` throws counts as no. */
export async function until<T>(what: string, probe: () => Promise<T> | T, withinMs = 10_000, everyMs = 20): Promise<NonNullable<T>> {
  const limit = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<T>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > limit) throw new Error(`not within ${withinMs} ms: ${what} (last: ${String(last)})`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export const median = (times: number[]) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;

/** Of a test that has a bound of time in it: a machine that does something else may miss it once or twice, not thrice. */
export const timed = { retry: 2 };
