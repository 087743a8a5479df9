// How long a program had to get on with its work. A machine that stands still holds up whoever watches as well.

/**
 * Measures time by the looks of one who looks often: of the time between two looks no more than `most` counts. So a
 * machine that was paused, or that ran others for minutes, adds one look and not the minutes.
 * @param most milliseconds; a few times as long as looks are apart
 * @returns `now(time)`: the milliseconds that counted up to this look, of a clock that never goes back
 */
export function wakingTime(most) {
  let counted = 0;
  let lookedAt;
  return (time) => {
    counted += Math.min(time - (lookedAt ?? time), most);
    lookedAt = time;
    return counted;
  };
}
