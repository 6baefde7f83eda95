import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { Icon, type IconName } from "./icons.tsx";

interface ConfirmButtonProps {
  /** On the button. */
  readonly label: string;
  /** For screen readers, where the label alone doesn't tell what it is about. */
  readonly about?: string;
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly disabled?: boolean;
  /** What is asked, as the window's title. */
  readonly question: string;
  /** What follows from it. */
  readonly children: ComponentChildren;
  readonly onConfirm: () => void;
}

/** A button for what can't be undone: it asks first, and nothing is done unless the same word is pressed again. */
export function ConfirmButton(props: ConfirmButtonProps): VNode {
  const { label, about, icon, small = false, disabled = false, question, children, onConfirm } = props;
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class={`button danger ${small ? "small" : ""}`}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {icon !== undefined && <Icon name={icon} />} {label}
        {about !== undefined && <span class="hidden"> {about}</span>}
      </button>
      {asking && (
        <Dialog title={question} onClose={() => setAsking(false)}>
          <p>{children}</p>
          <div class="menu dialog-end">
            <button type="button" class="button" autofocus onClick={() => setAsking(false)}>
              Cancel
            </button>
            <button
              type="button"
              class="button danger full"
              onClick={() => {
                setAsking(false);
                onConfirm();
              }}
            >
              {label}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
