import { definePackage, flux } from "@tocsin/engine/interpret";

const linearRegression = flux({
  name: "linearRegression",
  type: `(<-tables: stream[A]) => stream[{H with
    N: F, errors: float, slope: B, sx: C, sxx: E, sxy: D, sy: G, x: float, y: float, y_hat: float,
  }] where A: Record, B: Divisible + Subtractable`,
  docs:
    "Lays a straight line through the values of the first table, taking them as equally far " +
    "apart. Adds to each row its number `x`, its value `y`, the line's `y_hat` there and the " +
    "square of their difference, `errors`; and the line's `slope` with the sums that it was made " +
    "of.",
  example: `import "contrib/anaisdg/statsmodels"
import "sampledata"
sampledata.float() |> statsmodels.linearRegression()`,
  source: `(tables=<-) => {
    numbered =
        tables
            |> rename(columns: {_value: "y"})
            |> map(fn: (r) => ({r with x: 1.0}))
            |> cumulativeSum(columns: ["x"])
    sums =
        numbered
            |> reduce(
                identity: {N: 0.0, sx: 0.0, sxx: 0.0, sxy: 0.0, sy: 0.0},
                fn: (r, accumulator) =>
                    ({
                        N: accumulator.N + 1.0,
                        sx: accumulator.sx + r.x,
                        sxx: accumulator.sxx + r.x * r.x,
                        sxy: accumulator.sxy + r.x * r.y,
                        sy: accumulator.sy + r.y,
                    }),
            )
            |> findRecord(fn: (key) => true, idx: 0)
    meanX = sums.sx / sums.N
    meanY = sums.sy / sums.N
    slope = (sums.sxy - meanX * meanY * sums.N) / (sums.sxx - sums.N * meanX * meanX)

    return
        numbered
            |> map(
                fn: (r) =>
                    ({r with
                        N: sums.N,
                        slope: slope,
                        sx: sums.sx,
                        sxx: sums.sxx,
                        sxy: sums.sxy,
                        sy: sums.sy,
                        y_hat: slope * r.x + (meanY - slope * meanX),
                    }),
            )
            |> map(fn: (r) => ({r with errors: (r.y - r.y_hat) ^ 2.0}))
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/anaisdg/statsmodels",
  docs: "Models of statistics.",
  members: [linearRegression],
});
