// Makes the bots, a few at a time, and moves them at 20 Hz.
import { Bot } from './bot.ts';
import type { BotCounts, BotOrder } from './bots.ts';

const STEP_MS = 50;
const NEW_A_STEP = 5;

const bots: Bot[] = [];
let order: BotOrder = { url: '', room: '', count: 0 };
let refused: string | undefined;
let isTold = true;
let last = performance.now();

self.addEventListener('message', ({ data }: MessageEvent<BotOrder>) => {
  order = data;
  if (order.count === 0) {
    void Promise.all(bots.map((bot) => bot.leave())).then(() => self.close());
  } else {
    setInterval(step, STEP_MS);
  }
});

function step(): void {
  const now = performance.now();
  const dt = Math.min((now - last) / 1000, 0.2);
  last = now;
  for (let made = 0; made < NEW_A_STEP && bots.length < order.count; made++) {
    bots.push(new Bot(order.url, order.room, `Bot ${bots.length + 1}`, (refusal) => {
      refused = refusal ?? refused;
      isTold = false;
    }));
  }
  for (const bot of bots) {
    bot.step(dt);
  }
  if (!isTold) {
    isTold = true;
    self.postMessage({ wanted: order.count, connected: bots.filter((bot) => bot.isIn).length, refused } satisfies BotCounts);
  }
}
