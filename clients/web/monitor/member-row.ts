import { el, say } from '../shared/dom.ts';
import { type Row } from './dom.ts';
import { bytes, count, duration } from './format.ts';
import { attributeList } from './room-state.ts';
import type { Member } from './model.ts';

/** A member of a room: who, over what, how far behind, and the button that takes them out. */
export function memberRow(member: Member, onKick: () => void): Row<Member> {
  const label = `Kick ${member.name || 'member'} ${member.id}`;
  const kick = el('button', { type: 'button', class: 'quiet danger', 'aria-label': label }, 'Kick');
  kick.addEventListener('click', onKick);
  const [role, tags, line, detail, behind, held, where] =
    [el('span'), el('span', { class: 'tags' }), el('span'), el('small'), el('span'), el('span'), el('small')];
  const attributes = attributeList();
  const who = member.userId ? `${member.id} · ${member.userId}` : String(member.id);
  return {
    element: el('tr', {},
      el('th', { scope: 'row' }, member.name || '(no name)', el('small', {}, who), where, attributes.element),
      cell('Role', role, tags),
      cell('Connection', line, detail),
      cell('Behind', behind),
      cell('Held', held),
      el('td', { class: 'kick' }, kick)),
    show: (now) => {
      say(role, now.role);
      say(tags, [now.muted && 'muted', now.lobby && 'in the lobby', now.away && 'away', now.slow && 'slow'].filter(Boolean).join(', '));
      say(line, `${now.transport}, ${now.road} road`);
      say(detail, `${now.remote || 'unknown'} · for ${duration(now.connectedSeconds)}`);
      say(behind, behindOf(now));
      say(held, bytes(now.heldBytes));
      say(where, now.place ? `at ${now.place.map((part) => part.toFixed(1)).join(', ')} m` : '');
      attributes.show(now.attributes);
    },
  };
}

function behindOf(member: Member): string {
  if (member.needsSnapshot) {
    return 'gets everything';
  }
  const parts = [
    member.versionsBehind && `${count(member.versionsBehind)} versions`,
    member.messagesBehind && `${count(member.messagesBehind)} messages`,
  ].filter(Boolean);
  if (parts.length === 0) {
    return 'nothing';
  }
  return parts.join(', ') + (member.slow && member.slowSeconds >= 1 ? `, for ${duration(member.slowSeconds)}` : '');
}

function cell(label: string, ...children: Node[]): HTMLElement {
  return el('td', { 'data-label': label }, ...children);
}
