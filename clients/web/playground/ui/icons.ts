// The pictures on the buttons: strokes on a grid of 24.
const PATHS = {
  box: 'M12 3 20 7.5v9L12 21l-8-4.5v-9zM4 7.5 12 12l8-4.5M12 12v9',
  ball: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M4 8.5c5 3 11 3 16 0M4 15.5c5-3 11-3 16 0',
  gem: 'M7 4h10l4 6-9 10L3 10zM3 10h18M9 10l3 10 3-10M9 10l3-6 3 6',
  hand: 'M8 12V5.5a1.5 1.5 0 0 1 3 0V11m0-6.5a1.5 1.5 0 0 1 3 0V11m0-4.5a1.5 1.5 0 0 1 3 0V14c0 4-2.5 7-6 7-3 0-4.500-1.500-6-4l-2-3.500a1.500 1.500 0 0 1 2.600-1.500L8 14',
  throw: 'M4 19c2-8 7-12 14-12M13 3l5 4-4 5M4 13v.01M7 8v.01',
  pin: 'M12 14v7M8 4h8l-1.500 6 2.500 4H7l2.500-4z',
  five: 'M12 21c-4 0-6-2.500-6-6V8.500a1.300 1.300 0 0 1 2.600 0V12M8.600 11V5a1.300 1.300 0 0 1 2.700 0v6M11.300 11V4a1.300 1.300 0 0 1 2.700 0v7M14 11V6a1.300 1.300 0 0 1 2.600 0v8M18.500 4l2-2M19.500 8h2M5 4 3.500 2.500',
  chat: 'M4 5h16v11H9l-5 4z',
  chart: 'M4 20V4M4 20h16M8 16l3.500-5 3 3L20 7',
  frames: 'M8 4H4v16h4M16 4h4v16h-4M9 9h6M9 12h6M9 15h4',
  network: 'M2.500 9a14 14 0 0 1 19 0M6 12.800a9 9 0 0 1 12 0M9 16.300a4.500 4.500 0 0 1 6 0M12 20v.01',
  help: 'M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 17.500v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.500M12 19.500V22M2 12h2.500M19.500 12H22M5 5l1.800 1.800M17.200 17.200 19 19M5 19l1.800-1.800M17.200 6.800 19 5',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.500-6.500z',
  people: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M17.500 14.500c2.300.7 3.700 2.500 4 5.500',
  trash: 'M4 7h16M9 7V4h6v3M6.500 7 8 20h8l1.500-13',
  jump: 'M12 19V6M6.500 11 12 5l5.500 6M5 21h14',
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
