/** Of the package that people install. */
export const version = "0.1.0";
