// Everything a picture needs to know about the moment shown, gathered from session, moment and settings.

import { largestRadius } from "../critical.mjs";
import { calm } from "../dom.mjs";
import { placeOfUnit } from "../history.mjs";
import { outline } from "./twin-view.mjs";

export const FLASH = 1400; // Milliseconds that a new fold glows.

/** The scene that `Plane.draw` draws; besides `birth`, the last birth that the frame shows. */
export function sceneOf({ session, moment, settings, lit, pointed = null, flashFrom, twin }, now = performance.now(), still = calm()) {
  const { frame } = moment;
  const birth = session.history.lastBirth(frame);
  const fresh = birth ? placeOfUnit(frame, birth.unit) : null;
  const age = now - flashFrom;
  const glows = fresh && (moment.live ? age < FLASH : moment.isBirth(birth));
  return {
    frame, net: frame && session.net(frame), box: session.box, data: session.data,
    view: settings.view, sheet: settings.sheet, hard: settings.hard, showTest: settings.showTest, birth, fresh,
    critical: settings.critical === null || !session.box ? null : Math.min(settings.critical, largestRadius(session.box)),
    flash: !glows ? 0 : still || !moment.live ? 1 : 1 - age / FLASH,
    ghost: birth && frame && !moment.isBirth(birth) ? session.history.before(birth) : null,
    other: twin?.open ? outline(twin.frameFor(frame), "fixed") : null,
    point: pointed,
    lit: lit && frame?.units[lit.layer]?.length > lit.row ? lit : null,
  };
}
