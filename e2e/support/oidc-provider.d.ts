declare module "oidc-provider"; // has no types of its own
