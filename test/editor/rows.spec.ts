import assert from 'node:assert/strict';
import { rows } from '../../nodes/editor/build/catalogue';
import { propertiesOf } from '../../nodes/editor/properties';
import { page } from './built';

const properties = rows.flatMap(([type]) => propertiesOf(type).map((property) => ({ type, ...property })));

describe('the declaration of a form row', () => {
  it('names options of the same form', () => {
    const conditions = properties.filter(({ field }) => field.neededIf ?? field.shownIf ?? field.replacedBy);
    assert.ok(conditions.length > 15);
    for (const { type, name, field } of conditions) {
      const names = propertiesOf(type).map((property) => property.name);
      const others = [...Object.keys({ ...field.neededIf, ...field.shownIf }), ...(field.replacedBy ? [field.replacedBy] : [])];
      for (const other of others) assert.ok(names.includes(other), `${type}: ${name} names ${other}`);
    }
  });

  it('names choices that the other option has', () => {
    const choices = properties.flatMap(({ type, field }) =>
      Object.entries({ ...field.neededIf, ...field.shownIf }).map(([other, value]) => ({ type, other, value })),
    );
    const ofChoices = choices.filter(({ type, other }) => propertiesOf(type).find(({ name }) => name === other)?.kind === 'choice');
    assert.ok(ofChoices.length > 8);
    for (const { type, other, value } of ofChoices) {
      const field = propertiesOf(type).find(({ name }) => name === other)?.field;
      for (const one of [value].flat()) assert.ok(one in (field?.choices ?? {}), `${type}: ${other} has no choice ${one}`);
    }
  });

  it('has an icon that the form shows', () => {
    const withIcon = properties.filter(({ field }) => field.icon);
    assert.ok(withIcon.length > 100);
    for (const { key, field } of withIcon) {
      assert.ok(page.includes(`<i class="fa fa-${field.icon}"></i> <span data-i18n="ix-websocket.${key}.label">`), key);
    }
  });
});
