import assert from 'node:assert/strict';
import { type Length, lengthsIn } from '../helpers/source';

const maxFileLines = 300;
const maxFunctionLines = 60;

const longer = (lengths: readonly Length[], max: number) =>
  lengths.filter(({ lines }) => lines > max).map(({ place, lines }) => `${place}: ${lines} lines`);

describe('the source', () => {
  for (const folder of ['src', 'nodes']) {
    const { files, functions } = lengthsIn(folder);

    it(`has no file in ${folder} of more than ${maxFileLines} lines`, () => {
      assert.ok(files.length > 40, 'files were seen');
      assert.deepEqual(longer(files, maxFileLines), []);
    });

    it(`has no function in ${folder} of more than ${maxFunctionLines} lines`, () => {
      assert.ok(functions.length > 200, 'functions were seen');
      assert.ok(longer(functions, maxFunctionLines / 2).length > 0, 'functions of several lines were seen');
      assert.deepEqual(longer(functions, maxFunctionLines), []);
    });
  }
});
