/** Duration of each fuzzer, s: five minutes, and 20 s in CI. FUZZ_SECONDS sets it. */
export const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? (process.env.CI ? 20 : 300));

/** Always the same, so that each run does the same cases first. FUZZ_SEED sets it. */
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? 6455);
