import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";

interface SaveDialogProps {
  readonly heading: string;
  /** What is saved beside the title's object. */
  readonly hint?: string;
  /** The title so far, empty for a new object. */
  readonly title: string;
  readonly onClose: () => void;
  readonly onSave: (title: string) => Promise<void>;
}

/** Asks for the title under which something is saved. */
export function SaveDialog({ heading, hint, title: before, onClose, onSave }: SaveDialogProps): VNode {
  const [title, setTitle] = useState(before);
  const submit = (event: Event): void => {
    event.preventDefault();
    onClose();
    void onSave(title.trim());
  };
  return (
    <Dialog title={heading} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <label>
          Title
          <input
            required
            pattern=".*\S.*"
            maxLength={200}
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </label>
        {hint !== undefined && <p class="hint">{hint}</p>}
        <button type="submit" class="button primary">
          Save
        </button>
      </form>
    </Dialog>
  );
}
