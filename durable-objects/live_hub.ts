import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { floorTo, MINUTE_S } from "../src/history/window_range.ts";
import { answerError } from "../src/http/json_error.ts";
import { logFault } from "../src/http/log.ts";
import { askToTell } from "../src/live/ask_to_tell.ts";
import { closeQuietly } from "../src/live/close_quietly.ts";
import type { ListenerInfo } from "../src/live/listener.ts";
import { LiveAudience } from "../src/live/live_audience.ts";
import { LiveFeed } from "../src/live/live_feed.ts";
import {
  type JoinRequest,
  readJoinRequest,
} from "../src/live/live_hub_stub.ts";
import {
  HEARTBEAT_MS,
  MIN_RELOAD_MS,
  PUSH_MS,
  RELOAD_MS,
} from "../src/live/live_limits.ts";
import { type LiveMap, liveMap } from "../src/live/live_map.ts";
import { type LiveNews, nodesOf } from "../src/live/live_news.ts";
import { livePlan } from "../src/live/live_plan.ts";
import type { LiveChanges } from "../src/live/live_teller.ts";
import { LiveWindows } from "../src/live/live_windows.ts";
import { type LoadedLive, loadLive } from "../src/live/load_live.ts";
import { edgeMinutes, pushWaitMs } from "../src/live/push_wait.ts";
import { refusedKeys } from "../src/live/refused_keys.ts";
import { SocketListener } from "../src/live/socket_listener.ts";
import { StreamListener } from "../src/live/stream_listener.ts";
import { tooManyListeners } from "../src/live/too_many_listeners.ts";
import { unknownService } from "../src/query/unknown_service.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";

const TENANT_KEY = "tenant";
const EMPTY_KEY = "map_is_empty";
const MS_PER_S = 1000;

/**
 * Tells a tenant's listeners what changes. While one is there, the shards tell
 * this object of each minute that changed; without any it does nothing, and
 * nobody calls it. WebSockets let it sleep between changes; an event stream
 * keeps it awake.
 */
export class LiveHub extends DurableObject<Bindings> {
  readonly #audience = new LiveAudience();
  readonly #sockets: Map<WebSocket, SocketListener> = new Map();
  readonly #streams: Set<StreamListener> = new Set();
  readonly #alarm: AlarmClock;
  #windows = new LiveWindows();
  #feed = new LiveFeed();
  #loaded: LoadedLive | null = null;
  #live: LiveMap | null = null;
  #loading: Promise<LoadedLive> | null = null;
  #loadedMs = 0;
  #joining = 0;
  #pushWaitMs = PUSH_MS;
  #reload: ReturnType<typeof setTimeout> | null = null;
  #push: ReturnType<typeof setTimeout> | null = null;
  #beat: ReturnType<typeof setInterval> | null = null;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx.storage);
    ctx.setWebSocketAutoResponse(
      new WebSocketRequestResponsePair("ping", "pong"),
    );
    for (const socket of ctx.getWebSockets()) {
      this.#admit(socket, SocketListener.resume(this.#pinged(socket)));
    }
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
  }

  /** Takes a listener in: answers with an event stream, or with a WebSocket. */
  override async fetch(request: Request): Promise<Response> {
    this.#joining++;
    try {
      return await this.#join(readJoinRequest(request), request);
    } catch (error) {
      return answerError(error, request);
    } finally {
      this.#joining--;
      await this.#restIfAlone();
    }
  }

  /**
   * Takes minutes of services as they are now.
   *
   * @returns Whether anybody listens; if not, there is no need to come again.
   */
  changed({ changed, isPartial }: LiveChanges): boolean {
    if (!this.#isHeard) return false;
    this.#windows.tell(changed);
    // One that has slept has yet to read what has not changed since.
    const isAsleep = this.#loaded === null && this.#loading === null;
    if (isPartial || isAsleep) this.#reloadSoon();
    else this.#pushSoon();
    return true;
  }

  /** Tells what became known; returns whether anybody listens. */
  announce(news: readonly LiveNews[]): boolean {
    const nowMs = Date.now();
    for (const event of news) {
      const nodes = nodesOf(event);
      this.#audience.tell(event, {
        nowMs,
        concerns: (selection) =>
          nodes === null || this.#feed.concerns(selection, nodes),
      });
    }
    return this.#isHeard;
  }

  override async webSocketMessage(
    socket: WebSocket,
    message: string | ArrayBuffer,
  ): Promise<void> {
    const listener = this.#sockets.get(socket);
    const reason = listener?.hear(message) ?? null;
    if (listener === undefined || reason === null) return;
    this.#audience.end(listener, reason, Date.now());
    await this.#restIfAlone();
  }

  override webSocketClose(socket: WebSocket): Promise<void> {
    closeQuietly(socket);
    return this.#gone(socket);
  }

  override webSocketError(socket: WebSocket): Promise<void> {
    return this.#gone(socket);
  }

  /** Each minute: who may listen still, who is to tell, what left the map. */
  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      const nowMs = Date.now();
      const refused = await refusedKeys(this.env.DB, this.#audience.keyIds);
      this.#audience.endOld(nowMs, refused);
      if (this.#isHeard) await this.#keepUp(nowMs);
    } catch (error) {
      // An alarm that throws is tried six times, then never again.
      logFault("live_alarm_failed", error);
    }
    await this.#restIfAlone();
    await this.#wakeNextMinute();
  }

  async #join(join: JoinRequest, request: Request): Promise<Response> {
    this.#refuseIfFull();
    this.ctx.storage.kv.put(TENANT_KEY, join.tenant);
    const { known } = this.#loaded ?? await this.#load();
    const live = this.#live ?? this.#look();
    const { service } = join.selection;
    if (service !== undefined) {
      const problem = unknownService(service, { known, graph: live.graph }, {});
      if (problem !== undefined) throw problem;
    }
    // Others came while it was loading.
    this.#refuseIfFull();
    const { selection, keyId } = join;
    const info = { selection, keyId, sinceMs: Date.now() };
    const response = request.headers.get("upgrade") === null
      ? this.#openStream(info)
      : this.#openSocket(info);
    this.#live = live;
    this.#audience.begin(this.#feed, live);
    await this.#wakeNextMinute();
    return response;
  }

  #refuseIfFull(): void {
    if (this.#audience.isFull) throw tooManyListeners();
  }

  #openStream(info: ListenerInfo): Response {
    const listener = new StreamListener(info, () => {
      this.#audience.remove(listener);
      this.ctx.waitUntil(this.#restIfAlone());
    });
    this.#streams.add(listener);
    this.#audience.add(listener);
    this.#beat ??= setInterval(() => this.#beatStreams(), HEARTBEAT_MS);
    return listener.response;
  }

  #openSocket(info: ListenerInfo): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#admit(server, SocketListener.begin(this.#pinged(server), info));
    return new Response(null, { status: 101, webSocket: client });
  }

  #admit(socket: WebSocket, listener: SocketListener): void {
    this.#sockets.set(socket, listener);
    this.#audience.add(listener);
  }

  #pinged(socket: WebSocket) {
    const pingedMs = () =>
      this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? null;
    return { socket, pingedMs };
  }

  #gone(socket: WebSocket): Promise<void> {
    const listener = this.#sockets.get(socket);
    if (listener !== undefined) this.#audience.remove(listener);
    this.#sockets.delete(socket);
    return this.#restIfAlone();
  }

  #beatStreams(): void {
    for (const listener of this.#streams) {
      if (this.#audience.has(listener)) listener.beat();
      else this.#streams.delete(listener);
    }
    if (this.#streams.size > 0 || this.#beat === null) return;
    clearInterval(this.#beat);
    this.#beat = null;
  }

  get #isHeard(): boolean {
    return this.#audience.size + this.#joining > 0;
  }

  /** Reads all that the map is made from, and has the shards tell the rest. */
  #load(): Promise<LoadedLive> {
    if (this.#loading !== null) return this.#loading;
    const loading = this.#loadNow().finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  async #loadNow(): Promise<LoadedLive> {
    const nowMs = Date.now();
    this.#loadedMs = nowMs;
    const asked = this.#asked(nowMs);
    // First: what changes while it reads is told.
    await askToTell(this.env, asked);
    const windows = this.#windows;
    windows.beginLoading();
    const loaded = await loadLive(this.env, asked);
    // Where all have gone meanwhile, nobody told what has changed since.
    if (windows !== this.#windows) return loaded;
    windows.load(loaded.windows);
    this.#loaded = loaded;
    return loaded;
  }

  #asked(nowMs: number) {
    return {
      tenant: this.ctx.storage.kv.get<string>(TENANT_KEY) ?? "",
      settings: readSettings(this.env),
      nowMs,
      waitUntil: (promise: Promise<unknown>) => this.ctx.waitUntil(promise),
    };
  }

  /** The map of now. */
  #look(): LiveMap {
    if (this.#loaded === null) throw new Error("The map is not loaded");
    const plan = livePlan(Date.now());
    const { resources } = this.#loaded;
    const windows = this.#windows.within(plan.ranges);
    this.#pushWaitMs = pushWaitMs(edgeMinutes(windows.minutes));
    const live = liveMap(windows, { plan, resources });
    const { kv } = this.ctx.storage;
    const isEmpty = live.map.nodes.length === 0;
    if (kv.get<boolean>(EMPTY_KEY) !== isEmpty) kv.put(EMPTY_KEY, isEmpty);
    return live;
  }

  async #keepUp(nowMs: number): Promise<void> {
    // One that has slept over an empty map reads it when a shard tells.
    const isAsleep = this.#loaded === null &&
      this.ctx.storage.kv.get<boolean>(EMPTY_KEY) === true;
    const isCurrent = this.#loaded !== null &&
      nowMs - this.#loadedMs < RELOAD_MS;
    if (isAsleep || isCurrent) await askToTell(this.env, this.#asked(nowMs));
    else await this.#load();
    this.#pushNow();
  }

  #reloadSoon(): void {
    const dueMs = this.#loadedMs + MIN_RELOAD_MS;
    this.#reload ??= setTimeout(() => {
      this.#reload = null;
      if (!this.#isHeard) return;
      this.ctx.waitUntil(
        this.#load().then(
          () => this.#pushNow(),
          (error: unknown) => {
            logFault("live_not_loaded", error);
            this.#reloadSoon();
          },
        ),
      );
    }, Math.max(0, dueMs - Date.now()));
  }

  #pushSoon(): void {
    const dueMs = (this.#live?.plan.window.nowMs ?? 0) + this.#pushWaitMs;
    this.#push ??= setTimeout(
      () => this.#pushNow(),
      Math.max(0, dueMs - Date.now()),
    );
  }

  #pushNow(): void {
    if (this.#push !== null) clearTimeout(this.#push);
    this.#push = null;
    if (this.#loaded === null || this.#audience.size === 0) return;
    this.#live = this.#look();
    this.#audience.tellMap(this.#feed, this.#live);
  }

  async #wakeNextMinute(): Promise<void> {
    if (!this.#isHeard) return;
    const nowMs = Date.now();
    const minuteS = floorTo(nowMs / MS_PER_S, MINUTE_S) + MINUTE_S;
    await this.#alarm.wakeBy(minuteS * MS_PER_S, nowMs);
  }

  /** Without listeners nothing is to come, and nothing is held. */
  async #restIfAlone(): Promise<void> {
    if (this.#isHeard) return;
    for (const timer of [this.#push, this.#reload, this.#beat]) {
      if (timer !== null) clearTimeout(timer);
    }
    this.#push = this.#reload = this.#beat = null;
    this.#streams.clear();
    this.#windows = new LiveWindows();
    this.#feed = new LiveFeed();
    this.#loaded = this.#live = this.#loading = null;
    this.#alarm.rang();
    await this.ctx.storage.deleteAlarm();
  }
}
