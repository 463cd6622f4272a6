// The monitor: a sample a second, shown; the address says which room is looked into (#room=name).
import { Closes } from './closes.ts';
import { confirm } from './confirm.ts';
import { say } from '../shared/dom.ts';
import { byId } from './dom.ts';
import { overview } from './overview.ts';
import { RoomView } from './room-view.ts';
import { RoomsTable } from './rooms-table.ts';
import { drain, watch } from './server.ts';

const NOTICE_MS = 8000;

const server = overview();
const closes = new Closes();
const room = new RoomView(notify, () => open(''));
const rooms = new RoomsTable(open);
let noticed = 0;

function open(name: string): void {
  location.hash = name ? `room=${encodeURIComponent(name)}` : '';
}

function follow(): void {
  room.open(new URLSearchParams(location.hash.slice(1)).get('room') ?? '');
}

/** Says something for a while. */
function notify(text: string): void {
  tell(text, 'info');
  noticed = window.setTimeout(() => { byId('notice').hidden = true; }, NOTICE_MS);
}

/** Says something until it is no longer so. */
function tell(text: string, kind: 'info' | 'lost' | 'draining'): void {
  clearTimeout(noticed);
  const notice = byId('notice');
  notice.dataset['kind'] = kind;
  say(notice, text);
  notice.hidden = false;
}

byId('drain').addEventListener('click', async () => {
  const sure = await confirm('Drain the server?',
    'It takes nobody in any more, tells every client to leave, and after the drain’s time closes those who are still there. ' +
    'This cannot be taken back: afterwards the program has to be started again.', 'Drain now');
  if (sure) {
    await drain().catch((error: unknown) => notify(error instanceof Error ? error.message : String(error)));
  }
});
addEventListener('hashchange', follow);
follow();
watch(
  (sample) => {
    server.show(sample);
    rooms.show(sample);
    room.sample(sample);
    closes.show(sample);
    document.body.classList.remove('stale');
    if (sample.server.draining) {
      tell('The server is draining: it takes nobody in any more, and its clients have been told to leave.', 'draining');
    } else if (byId('notice').dataset['kind'] !== 'info') {
      byId('notice').hidden = true;
    }
  },
  (sentence) => {
    server.lost();
    document.body.classList.add('stale');
    tell(sentence, 'lost');
  });
