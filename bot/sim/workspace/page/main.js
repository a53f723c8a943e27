// Starts the page.

import { createApi } from "./api.js";
import { createPage } from "./page.js";

createPage({ api: createApi((path, options) => fetch(path, options)), storage: window.sessionStorage }).start();
