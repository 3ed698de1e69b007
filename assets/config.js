// Where the JSON API answers; "" is this page's own origin.
globalThis.casperDash = { apiUrl: "" };
