import { broadcast } from './broadcast.mjs';
import { burst } from './burst.mjs';
import { connects } from './connects.mjs';
import { echo } from './echo.mjs';
import { idle } from './idle.mjs';
import { latency } from './latency.mjs';
import { slowReader } from './slow-reader.mjs';

/** The loads, by the names that rows give them. */
export const loads = { broadcast, burst, connects, echo, idle, latency, slowReader };
