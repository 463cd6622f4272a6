// Shows the files of things: what is loaded, or a card that says why it is not.
import type { Scene } from 'three';
import { card, type Exhibit, framed } from './board.ts';
import type { Media, MediaLibrary } from './media.ts';
import type { ShownFile, Thing } from './thing.ts';

interface Place {
  hash: string;
  name: string;
  exhibit: Exhibit;
  /** The file has been taken from the library, and has to be given back. */
  isTaken: boolean;
  /** What is shown is what the file is. */
  isThere: boolean;
  /** The picture in which it was drawn last. */
  drawn: number;
}

const COMING = 'It is on its way.';
const TOO_MANY = 'There are too many files here to show this one too.';

export class Exhibits {
  private readonly places = new Map<Thing, Place>();
  private frame = 0;

  constructor(private readonly scene: Scene, private readonly library: MediaLibrary) {}

  draw(things: Iterable<Thing>): void {
    this.frame++;
    for (const thing of things) {
      if (thing.file) {
        this.drawOne(thing, thing.file);
      }
    }
    for (const [thing, { drawn }] of this.places) {
      if (drawn !== this.frame) {
        this.close(thing);
      }
    }
  }

  private drawOne(thing: Thing, file: ShownFile): void {
    let place = this.places.get(thing);
    if (place && (place.hash !== file.hash || place.name !== file.name)) {
      this.close(thing);
      place = undefined;
    }
    place ??= this.open(thing, file);
    place.drawn = this.frame;
    if (!place.isTaken && this.library.has(file.hash)) {
      this.load(thing, place, file);
    }
    const { object, size } = place.exhibit;
    if (place.isThere) {
      file.size ??= size;
    }
    object.visible = thing.visible;
    object.position.copy(thing.position);
    object.quaternion.copy(thing.rotation);
    object.scale.setScalar(thing.scale);
  }

  private open(thing: Thing, { hash, name }: ShownFile): Place {
    const exhibit = card(name, this.library.has(hash) ? COMING : TOO_MANY);
    const place: Place = { hash, name, exhibit, isTaken: false, isThere: false, drawn: this.frame };
    this.places.set(thing, place);
    this.scene.add(exhibit.object);
    return place;
  }

  private load(thing: Thing, place: Place, file: ShownFile): void {
    place.isTaken = true;
    void this.library.take(file).then((media) => {
      if (this.places.get(thing) === place) {
        take(place.exhibit);
        place.exhibit = exhibitOf(media, file.name);
        place.isThere = true;
        place.exhibit.object.visible = false;
        this.scene.add(place.exhibit.object);
      }
    });
  }

  private close(thing: Thing): void {
    const place = this.places.get(thing)!;
    this.places.delete(thing);
    take(place.exhibit);
    if (place.isTaken) {
      this.library.release(place.hash);
    }
  }
}

/** Takes it out of the scene. */
function take({ object, dispose }: Exhibit): void {
  object.removeFromParent();
  dispose();
}

function exhibitOf(media: Media, name: string): Exhibit {
  switch (media.kind) {
    case 'picture': return framed(media.picture);
    case 'model': return media.model.show();
    case 'card': return card(name, media.sentence);
  }
}
