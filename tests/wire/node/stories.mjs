// Runs named stories one after the other and prints the count line that tools/test reads.

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function same(actual, expected, what = "value") {
  const [a, b] = [actual, expected].map((value) =>
    JSON.stringify(value, (_, x) => (typeof x === "bigint" ? `${x}n` : x instanceof Uint8Array ? [...x] : x)),
  );
  check(a === b, `${what}: ${a.slice(0, 300)} instead of ${b.slice(0, 300)}`);
}

export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call succeeded");
}

// `stories`: {sentence: async function}.
export async function run(stories) {
  let passed = 0;
  let failed = 0;
  for (const [name, story] of Object.entries(stories)) {
    try {
      await story();
      passed += 1;
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error.stack}`);
    }
  }
  return { passed, failed };
}
