// Who owns what: in a page as in the room, in whatever order the server's words come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloseCode, RelayError } from '@relay/client';
import { called, settled, stayAs } from './kit/stay.mjs';

const [anna, ben, carl] = [1, 2, 3];
const conflict = new RelayError({
  code: CloseCode.Conflict, name: 'conflict', title: '', advice: '', retry: false, limit: 0, value: carl, text: '',
});

/** Every order of some words, in which what is told in order stays so. */
function orders(words, inOrder) {
  if (words.length === 0) return [[]];
  return words.flatMap((word) => {
    const rest = words.filter((other) => other !== word);
    const isTooEarly = inOrder.some(([before, after]) => after === word && rest.includes(before));
    return isTooEarly ? [] : orders(rest, inOrder).map((order) => [word, ...order]);
  });
}

const words = {
  placed: (it) => it.placed(),
  done: (it) => it.asked[0].resolve(0),
  refused: (it) => it.asked[0].reject(conflict),
  mine: (it) => it.owned([ben]),
  theirs: (it) => { it.owned([carl]); it.coloured(carl, 'blue'); },
  both: (it) => { it.owned([ben, carl]); it.coloured(carl, 'blue'); },
  anew: (it) => it.toldAnew(carl, 'blue'),
};

const stories = [
  ...orders(['placed', 'done', 'mine', 'theirs'], [['mine', 'theirs']]),
  ...orders(['placed', 'done', 'both'], []),
  ...orders(['placed', 'done', 'anew'], []),
  ...orders(['placed', 'done', 'mine', 'anew'], [['mine', 'anew']]),
  ...orders(['placed', 'refused', 'theirs'], []),
  ...orders(['placed', 'refused', 'anew'], []),
];

/** Whose the page says that an entity is, and its colour. */
const seen = ({ components: { networked }, color }) => ({ owner: networked.data.owner, color });

for (const isOneMessage of [false, true]) {
  test(`what one takes and another then takes is the other's, told ${isOneMessage ? 'in one message' : 'word by word'}`, async () => {
    for (const story of stories) {
      const it = stayAs(ben, [anna, ben, carl]);
      const sphere = it.page.has('thing', 'scene', 'red');
      it.made(anna, 'green');
      it.page.takes(it.stay, 'thing', 'yellow', 100); // before it is known where it is
      assert.deepEqual(it.asked.map(({ name, message }) => [name, message.argument]), [['Claim', anna]]);
      for (const word of story) {
        words[word](it);
        if (!isOneMessage) await settled();
      }
      await settled();
      assert.deepEqual(seen(sphere), { owner: called(carl), color: 'blue' }, story.join(', '));
      it.coloured(carl, 'white');
      assert.equal(sphere.color, 'white', `${story.join(', ')}: the page follows`);
      assert.deepEqual(it.page.complaints, []);
      it.end();
    }
  });
}

test('what one takes is one\'s own, and told as one has it, whenever it is known where it is', async () => {
  for (const story of orders(['placed', 'done', 'mine'], [])) {
    const it = stayAs(ben, [anna, ben, carl]);
    const sphere = it.page.has('thing', 'scene', 'red');
    it.made(anna, 'green');
    it.page.takes(it.stay, 'thing', 'yellow', 100);
    for (const word of story) {
      words[word](it);
      await settled();
    }
    it.placed();
    assert.deepEqual(seen(sphere), { owner: called(ben), color: 'yellow' }, story.join(', '));
    assert.deepEqual(it.asked.map(({ name }) => name), ['Claim', 'SetAttribute'], story.join(', '));
    it.end();
  }
});

test('what is taken while its maker leaves goes with its maker', async () => {
  const about = { persistent: false, stays: false };
  for (const isOneMessage of [false, true]) {
    const it = stayAs(ben, [anna, ben, carl]);
    it.made(anna, 'green', about);
    it.placed();
    it.page.takes(it.stay, 'thing', 'yellow', 100);
    it.asked[0].resolve(0);
    it.owned([ben], about);
    if (!isOneMessage) await settled();
    it.left(anna);
    await settled();
    assert.ok(it.asked.some(({ name }) => name === 'RemoveObject'), it.asked.map(({ name }) => name).join());
    it.end();
  }
});

const taken = new RelayError({ code: CloseCode.NameTaken, name: 'nameTaken', title: '', advice: '', retry: false, limit: 0, value: 9, text: '' });
const names = (it) => it.asked.map(({ name }) => name);

test('what should have gone with its maker before one came is removed, and never in the page', async () => {
  const it = stayAs(ben, [anna, ben, carl]);
  it.leftOver();
  it.asked[0].resolve(0);
  await settled();
  assert.deepEqual(names(it), ['Claim', 'RemoveObject']);
  assert.deepEqual(it.page.entities, {});
  it.end();
});

test('what another page has begun to remove does not become another\'s in the page of its maker', async () => {
  const it = stayAs(ben, [anna, ben, carl]);
  const thing = it.page.has('thing', '', 'yellow', false);
  it.leftOver(carl);
  it.placed();
  it.removed();
  assert.deepEqual(it.asked, []);
  assert.deepEqual(it.page.entities, { thing });
  assert.equal(thing.components.networked.data.owner, '');
  it.end();
});

test('what should have gone with its maker is made anew by its maker, whoever else removes it', async () => {
  for (const isEarly of [true, false]) {
    for (const removedBy of [ben, carl]) {
      const it = stayAs(ben, [anna, ben, carl]);
      if (isEarly) it.page.makes(it.stay, 'thing', 'yellow'); // before the page hears of the other
      it.leftOver();
      if (!isEarly) it.page.makes(it.stay, 'thing', 'yellow');
      it.asked.find(({ name }) => name === 'CreateObject').reject(taken);
      await settled();
      for (const { resolve, reject } of it.asked.filter(({ name }) => name === 'Claim')) removedBy === ben ? resolve(0) : reject(conflict);
      await settled();
      assert.equal(names(it).includes('RemoveObject'), removedBy === ben);
      it.removed();
      for (const { resolve } of it.asked.filter(({ name }) => name === 'RemoveObject')) resolve(0);
      await settled();
      assert.equal(names(it).at(-1), 'CreateObject', names(it).join());
      it.asked.at(-1).resolve(10);
      it.owned([ben], { creator: ben, persistent: false, id: 10 });
      await settled();
      assert.deepEqual(seen(it.page.entities.thing), { owner: called(ben), color: 'yellow' });
      assert.deepEqual(it.page.complaints, []);
      it.end();
    }
  }
});
