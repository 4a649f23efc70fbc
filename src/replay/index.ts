export { readRecordingFile } from './file';
export { type Played, Player } from './player';
export { type Direction, readRecording } from './recording';
