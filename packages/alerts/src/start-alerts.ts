import { alertMetrics } from "./alert-metrics.ts";
import { Alerter, type AlerterOptions } from "./alerter.ts";
import { serveApi } from "./api/api-server.ts";
import { lockState } from "./state/lock-state.ts";

export interface RunningAlerts {
  readonly alerter: Alerter;
  /** The API's address. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts everything that `falco-alert run` does: evaluation, delivery, API. Throws UserError (`STATE`, `STATE_LOCKED`,
 * `LISTEN`).
 */
export async function startAlerts(options: AlerterOptions): Promise<RunningAlerts> {
  const alerter = new Alerter(options);
  const { api, kibanaUrl } = options.config;
  let unlock: () => Promise<void> = async () => undefined;
  try {
    unlock = await lockState(options.stateFile);
    const server = await serveApi({ alerter, ...api, kibanaUrl, metrics: alertMetrics(() => alerter) });
    alerter.start();
    return {
      alerter,
      url: server.url,
      close: async () => {
        await server.close();
        await alerter.close();
        await unlock();
      },
    };
  } catch (error) {
    await alerter.close();
    await unlock();
    throw error;
  }
}
