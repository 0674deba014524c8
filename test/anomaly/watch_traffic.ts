import type { Anomaly } from "../../src/anomaly/anomaly.ts";
import { detect } from "../../src/anomaly/detect.ts";
import {
  type DetectorState,
  emptyDetector,
} from "../../src/anomaly/detector_state.ts";
import type { ServiceWindow } from "../../src/map/service_window.ts";
import { SERVICE } from "./traffic.ts";

/** What was told of, each with the minute that told it. */
export interface Told {
  readonly minute: number;
  readonly what: "raised" | "updated" | "ended";
  readonly anomaly: Anomaly;
}

/** A detector, and all that it told. */
export class WatchedTraffic {
  state: DetectorState = emptyDetector();
  readonly told: Told[] = [];

  /** Judges a minute. */
  judge(minute: number, window: ServiceWindow): void {
    const { state, ...told } = detect(this.state, window, {
      minute,
      service: SERVICE,
    });
    this.state = state;
    for (const what of ["raised", "updated", "ended"] as const) {
      for (const anomaly of told[what]) {
        this.told.push({ minute, what, anomaly });
      }
    }
  }

  /** What was told in one way, of one metric. */
  of(what: Told["what"], metric?: Anomaly["metric"]): readonly Told[] {
    return this.told.filter((one) =>
      one.what === what &&
      (metric === undefined || one.anomaly.metric === metric)
    );
  }
}
