// Sending again what was given up. Like muting it is refused to who may only read, and then says what grants it.

import { onAct } from "./actions.js";
import { ask } from "./api.js";
import { refusalText } from "./refusal.js";

/** `acted(text, failed)` is called when an answer came. */
export function listenForRetries(acted) {
  onAct("retry", async (button) => {
    button.disabled = true;
    const result = await ask(`/deliveries/${encodeURIComponent(button.dataset.delivery)}/retry`, {
      method: "POST",
      body: {},
    });
    const failed = result.kind !== "answer";
    button.disabled = false;
    acted(failed ? refusalText(result, "sent again", "retry") : "it is sent again", failed);
  });
}
