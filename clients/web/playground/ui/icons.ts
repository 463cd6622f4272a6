// The pictures on the buttons: strokes on a grid of 24.
const PATHS = {
  box: 'M12 3 20 7.5v9L12 21l-8-4.5v-9zM4 7.5 12 12l8-4.5M12 12v9',
  ball: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M4 8.5c5 3 11 3 16 0M4 15.5c5-3 11-3 16 0',
  gem: 'M7 4h10l4 6-9 10L3 10zM3 10h18M9 10l3 10 3-10M9 10l3-6 3 6',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9v.01',
  hand: 'M8 12V5.5a1.5 1.5 0 0 1 3 0V11m0-6.5a1.5 1.5 0 0 1 3 0V11m0-4.5a1.5 1.5 0 0 1 3 0V14c0 4-2.5 7-6 7-3 0-4.5-1.5-6-4l-2-3.5a1.5 1.5 0 0 1 2.6-1.5L8 14',
  throw: 'M4 19c2-8 7-12 14-12M13 3l5 4-4 5M4 13v.01M7 8v.01',
  pin: 'M12 14v7M8 4h8l-1.5 6 2.5 4H7l2.5-4z',
  five: 'M12 21c-4 0-6-2.5-6-6V8.5a1.3 1.3 0 0 1 2.6 0V12M8.6 11V5a1.3 1.3 0 0 1 2.7 0v6M11.3 11V4a1.3 1.3 0 0 1 2.7 0v7M14 11V6a1.3 1.3 0 0 1 2.6 0v8M18.5 4l2-2M19.5 8h2M5 4 3.5 2.5',
  chat: 'M4 5h16v11H9l-5 4z',
  chart: 'M4 20V4M4 20h16M8 16l3.5-5 3 3L20 7',
  frames: 'M8 4H4v16h4M16 4h4v16h-4M9 9h6M9 12h6M9 15h4',
  network: 'M2.5 9a14 14 0 0 1 19 0M6 12.8a9 9 0 0 1 12 0M9 16.3a4.5 4.5 0 0 1 6 0M12 20v.01',
  help: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.8 1.8M17.2 17.2 19 19M5 19l1.8-1.8M17.2 6.8 19 5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M17.5 14.5c2.3.7 3.7 2.5 4 5.5',
  trash: 'M4 7h16M9 7V4h6v3M6.5 7 8 20h8l1.5-13',
  jump: 'M12 19V6M6.5 11 12 5l5.5 6M5 21h14',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
