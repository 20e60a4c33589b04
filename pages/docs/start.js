// Draws the operations of the node that serves this. Without a validator: swagger-ui would send the document to one on the Internet.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#operations",
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
});
