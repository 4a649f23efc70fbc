import { broadcast } from './broadcast.mjs';
import { burst } from './burst.mjs';
import { clientEcho } from './client-echo.mjs';
import { connects } from './connects.mjs';
import { echo } from './echo.mjs';
import { idle } from './idle.mjs';
import { latency } from './latency.mjs';
import { quiet } from './quiet.mjs';
import { slowReader } from './slow-reader.mjs';
import { storm } from './storm.mjs';

/** The loads, by the names that rows give them. */
export const loads = { broadcast, burst, clientEcho, connects, echo, idle, latency, quiet, slowReader, storm };
