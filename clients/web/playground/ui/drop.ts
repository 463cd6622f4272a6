// How files come in: dragged from the desktop, or chosen.
import { el } from '../../shared/dom.ts';

/** What can be shown, first; the server says what it takes. */
const ACCEPT = 'image/*,.glb,.gltf,audio/*,video/*,application/pdf';

export class FileDrop {
  /** Covers the page while files are dragged over it. */
  readonly hint = el('div', { class: 'drop', hidden: true },
    el('p', {}, 'Drop it here to stand it in the room.'), el('p', { class: 'hint' }, 'Everybody with its link can see it.'));
  readonly input: HTMLInputElement;

  constructor(private readonly take: (files: File[]) => void, private readonly refuse: (sentence: string) => void) {
    this.input = el('input', { type: 'file', multiple: true, accept: ACCEPT, hidden: true, 'aria-label': 'Files to add' });
    this.input.addEventListener('change', () => {
      this.take([...this.input.files ?? []]);
      // The same one may be chosen again.
      this.input.value = '';
    });
    window.addEventListener('dragenter', (event) => this.over(event));
    window.addEventListener('dragover', (event) => this.over(event));
    window.addEventListener('dragleave', (event) => {
      // From one element to another it goes on; out of the window there is nothing that it goes to.
      if (event.relatedTarget === null) {
        this.hint.hidden = true;
      }
    });
    window.addEventListener('drop', (event) => this.drop(event));
  }

  /** Asks for files. Only in answer to a key or a tap: browsers want that. */
  choose(): void {
    this.input.click();
  }

  private over(event: DragEvent): void {
    if (event.dataTransfer?.types.includes('Files')) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      this.hint.hidden = false;
    }
  }

  private drop(event: DragEvent): void {
    this.hint.hidden = true;
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes('Files')) {
      return;
    }
    // Else the browser would go to the file, and out of the room.
    event.preventDefault();
    const items = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
    const isFolder = (item: DataTransferItem): boolean => item.webkitGetAsEntry()?.isDirectory ?? false;
    if (items.some(isFolder)) {
      this.refuse('A folder cannot be added: take the files that are in it.');
    }
    this.take(items.filter((item) => !isFolder(item)).map((item) => item.getAsFile()).filter((file) => file !== null));
  }
}
