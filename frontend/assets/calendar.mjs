// Updates and epochs, one into the other, along the stretches of equal batches that the server told. Pure.

export class Calendar {
  /** `stretches`: {epoch, step, batch, steps_per_epoch} from the beginning on; the last goes on for ever. */
  constructor(stretches = []) {
    this.stretches = stretches.length ? stretches : [{ epoch: 0, step: 0, steps_per_epoch: 1 }];
  }

  /** Updates of the longest epoch. */
  get most() { return Math.max(...this.stretches.map((each) => each.steps_per_epoch)); }

  #at(name, value) { return this.stretches.findLast((each) => each[name] <= value) ?? this.stretches[0]; }

  /** Updates of the epoch in which a run stands after so many. */
  stepsPerEpochAt(step) { return this.#at("step", step).steps_per_epoch; }

  /** Points a batch of the update that comes after so many epochs; undefined where nobody told. */
  batchAt(epoch) { return this.#at("epoch", epoch).batch; }

  epochOf(step) {
    const { epoch, step: first, steps_per_epoch: length } = this.#at("step", step);
    return epoch + (step - first) / length;
  }

  stepOf(epoch) {
    const { epoch: first, step, steps_per_epoch: length } = this.#at("epoch", epoch);
    return step + (epoch - first) * length;
  }
}
