// What the extension uses of JupyterLab, and what it says to the script of tables. For the type checker only.
type Shared = { get: () => Promise<() => any> };
type ShareScope = Record<string, Record<string, Shared>>;
type Signal<Sender, Value> = { connect(slot: (sender: Sender, value: Value) => void): boolean };
type Answer = { request: number; error?: string; progress?: number; buffers: ArrayBufferView[]; [name: string]: any };
type CommMessage = { content: { data: Answer }; buffers?: ArrayBufferView[] };

interface Comm {
  onMsg: (message: CommMessage) => void;
  onClose: (message: { content?: { data?: { error?: string } } }) => void;
  open(data: Record<string, unknown>): unknown;
  send(data: Record<string, unknown>): unknown;
}

interface Kernel {
  isDisposed: boolean;
  statusChanged: Signal<Kernel, string>;
  disposed: Signal<Kernel, void>;
  createComm(target: string): Comm;
}

interface NotebookTracker {
  find(test: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
}

interface NotebookPanel {
  node: HTMLElement;
  sessionContext: { session: { kernel: Kernel | null } | null };
}

interface TableChannel {
  open: boolean;
  ask(body: Record<string, unknown>, onProgress?: (rows: number) => void): Promise<Answer>;
}

type Connect = (root: HTMLElement) => Promise<TableChannel | null>;

interface LabPlugin {
  id: string;
  description: string;
  autoStart: boolean;
  requires: unknown[];
  activate: (app: unknown, tracker: NotebookTracker) => Promise<void>;
}

interface Window {
  kadaliTables?: { attach(connect: Connect): void; scan(): void };
  _JUPYTERLAB?: Record<string, unknown>;
}
