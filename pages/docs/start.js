// swagger-ui has dark colours, and leaves it to the page when to show them: as the system does, also when that changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Draws the operations of the node that serves this. Without a validator: swagger-ui would send the document to one on the Internet.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#operations",
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
});
