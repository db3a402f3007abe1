// The words for every measure, in one place: what it is, how it is found, and when it misleads.

import { edgesInWords } from "../optimizers.mjs";

export const CATALOGUE = {
  accuracy: {
    name: "Accuracy",
    about: "Share of the points that the net puts into their class. Solid: training points. Dashed: test points, which it never learns from. Dotted: validation points, held out of the training points.",
    how: "One pass over all points.",
  },
  loss: {
    name: "Loss",
    about: "What training makes small, as a mean over the points: the solid curve; dashed, the same loss of the test points.",
    how: "One pass over all points, without weight decay.",
  },
  critical: {
    name: "Critical points",
    about: "Points whose class changes if each coordinate moves by at most r: the decision boundary comes within r of them in the maximum norm. Tinted is the region of all such places. The critical sample ratio is their share of the points.",
    how: "Exactly: the distance of each point to each straight piece of the boundary in closed form, the region as the union of the hexagons that a square of side 2r sweeps along the pieces. LASS searches instead, by steps up the loss of the net's own answer with noise, so it finds some of them and never more.",
    beware: "r is in data units and counts along the axes. A net may have few critical points because its boundary keeps its distance, or because it has hardly learned.",
  },
  hills: {
    name: "Hills",
    about: "A hill is a term s·k added to the loss around a kept net: k is 1 on its top and falls with the distance r, by its width σ. Training then looks elsewhere. r/σ: how far the net is from the nearest top, in widths. Cell distance: share of activations that differ from the top's. "
      + "r*: where hill and a quadratic basin of curvature λ₁ would balance, σ√(2 ln(s/(σ²λ))); 0 where the hill is flatter than the basin and moves nothing. Steeper than λ₁: s/(σ²λ₁), above 1 no basin of that curvature holds the net.",
    how: "From the parameters, exactly. The cut shows the loss from the last top through the net: dashed without the hills, solid with them; the dot is the net.",
    beware: "Distance alone tells no escape: a net can slide along flat directions within its basin. A width is a multiple of the way that the net came in its last five epochs, because distances grow with the number of parameters.",
  },
  neurons: { name: "Neurons", about: "Hidden units of the net, and its parameters. ▲ marks a birth.", how: "Counted." },
  gradient: { name: "Gradient norm", about: "Length of the gradient of the mean training loss. Curvature speaks of a minimum only where this is small.", how: "One backward pass over all training points." },
  curvature: {
    name: "Sharpness",
    about: "λ₁ … λₖ: the largest eigenvalues of the Hessian of the mean training loss, its curvature along the steepest directions; faint lines are λ₂ and on. "
      + "Dashed: the stability edge of the optimiser in use. Full-batch steps grow along a direction whose λ lies above it; ◇ marks where λ₁ crosses it.",
    more: edgesInWords,
    how: "Dense Hessian for small nets, else Lanczos with full re-orthogonalisation from the last eigenvectors on. A value is believed when ‖Hv − λv‖ ≤ 10⁻³ |λ₁|; otherwise the curve has a gap and × below it.",
    beware: "Rescaling the layers of a ReLU net changes λ without changing the function. Read it beside the scale-free flatness and the loss. Edges are those of full batches: with small ones, steps become unstable well below.",
  },
  flatness: {
    name: "Flatness",
    about: "Largest eigenvalue of the Hessian in units of the parameters' own sizes: D^½ H D^½ with D the squared norm of each group of parameters. "
      + "none: the plain Hessian. tensor: not changed by rescaling whole layers. layer, block: all edges into, or between, depths. element: not changed by rescaling single neurons.",
    how: "As for λ₁, on the scaled Hessian.",
    beware: "Never compare one granularity with another: finer groups give smaller numbers. Near zero loss all of them fall, whatever the shape of the minimum.",
  },
  slice: {
    name: "Sharpest directions, live",
    about: "The loss if the net is pushed along v₁ … v_K, the eigenvectors of the largest eigenvalues. Solid: training points, dashed: test points, dotted: the parabola with the same loss, slope and curvature. "
      + "The two ticks are one mini-batch step of gradient descent along this direction, η·|g_b·v|: a step that reaches past the valley's other side does not lower the loss there.",
    how: "The true loss at each point of the line; nothing is smoothed. The step is the mean over ten mini-batches.",
  },
  traces: {
    name: "Traces",
    about: "Tr H: sum of all eigenvalues. ‖H‖_F: root of the sum of their squares. (Tr H)²/‖H‖²_F tells how many equal eigenvalues would do the same. "
      + "Gauss–Newton: the part of H that is never negative; for cross-entropy it is the true Fisher matrix. Gradient covariance: how the points' own gradients, with their true labels, scatter; it is another matrix.",
    how: "In closed form where there is one; else Hutchinson: zᵀHz over random signs z, with its standard error as a band.",
  },
  density: {
    name: "Spectral density",
    about: "How the eigenvalues of the Hessian are distributed, on a log scale: a bulk around zero and, after some training, about as many outliers as there are classes.",
    how: "Stochastic Lanczos quadrature: Lanczos from random sign vectors gives nodes and weights; each node is drawn as a bell of 1 % of the range.",
  },
  noise: {
    name: "Gradient noise scale",
    about: "Tr C / ‖g‖²: the batch size at which the noise of a mini-batch gradient is as large as the gradient itself. It grows as the gradient vanishes.",
    how: "From the gradients of all points.",
  },
  overlap: {
    name: "Overlaps",
    about: "ρ_K: share of the gradient's energy in the K sharpest directions. Subspace overlap: ‖V_tᵀ V_s‖²_F / K between the sharpest subspaces of two moments, 1 when they are the same; starts anew at a birth.",
    how: "From the top eigenvectors; K is the number asked for.",
  },
  sharpness: {
    name: "Loss nearby",
    about: "How much the loss rises near the weights. SAM: one step of length ρ up the gradient. ASAM: the same in units of each weight's size, so that rescaling neurons does not change it. "
      + "Average: over Gaussian noise of size ρ, about ½ρ² Tr H at a minimum. Relative flatness: curvature of a layer times the products of its rows, after its features are standardised.",
    how: "Exact losses at the moved weights; the average over random draws, with its standard error.",
  },
  directions: {
    name: "Alignment with the sharpest directions",
    about: "cos(g_b, v_k): how much mini-batch gradients point along each of the sharpest directions; the mean of its size. A random direction would have about 1/√P.",
    how: "Ten mini-batches of the run's size, drawn for this moment.",
  },
  novelty: {
    name: "By novelty",
    about: "Test points in parts of one size, from those nearest to a training point to the most novel. net: its accuracy. memoriser: that of answering with the nearest training label. "
      + "confidence: the mean probability that the net gives to its own answer. Where the net falls with the memoriser, it does little more than remember.",
    how: "Exact nearest training points: by the cosine of weighted words for sentences, else by distance of the inputs.",
    beware: "In a small part a few points decide.",
  },
  block_cosine: {
    name: "Cosine of block and gradient",
    about: "Of each residual block h → h + F(h): the cosine between what it adds, F(h), and the gradient by h of a sample's own loss, through the block and all that follow; a mean over samples, with its standard error. "
      + "Below 0 the block moves features downhill on the loss, as an iteration would. Curves break where a stage ends.",
    how: "One pass forward and back. Batch normalisation takes its running statistics. In a block that ends in an activation F is all that the block changes, the activation included.",
    beware: "Samples that nothing can be learned from any more have a gradient of almost 0, and count like all others.",
  },
  block_ratio: {
    name: "Size of what a block adds",
    about: "‖F‖/‖h‖: the length of what a block adds over the length of what comes, a mean over samples. ‖h‖, on the right: the length of what comes to each block. Where blocks share their weights, features may grow from block to block without end.",
    how: "One pass forward.",
  },
  block_accuracy: {
    name: "Accuracy after each block",
    about: "What the last normalisation and layer answer after the first 0 to n blocks, as if the later ones added nothing; from an earlier stage the blocks that change the shape are passed as well. Borderline: the same for samples whose two largest probabilities are close at the output.",
    how: "One pass from each block to the output, without the later residual blocks.",
    beware: "The last layer has learned to read the last block: that it reads an earlier one badly does not say that nothing is known there.",
  },
  block_change: {
    name: "Change of the loss by block",
    about: "To first order: F(h) times the gradient by h, what the loss changes by if the block's step is small. Actual: how the loss changes when what leaves the block comes to it instead of h, so that it is passed twice.",
    how: "Means over samples with standard errors.",
    beware: "Means of losses hang on the few samples that are far off; the cosine counts all alike.",
  },
  block_borderline: {
    name: "Borderline samples by block",
    about: "Of the samples whose two largest probabilities are close at the output: the share that is wrong before a block and right after it (corrected), and the other way round (spoiled).",
    how: "From the answers after each block.",
    beware: "Often there are few, and then the standard errors are wide.",
  },
  unrolled: {
    name: "Last block unrolled",
    about: "Accuracy when the last residual block is applied e extra times, in place of once. Plain: it adds what it adds, each time. Shared out: each time it adds its residual over the number of times. The slider chooses e.",
    how: "Features before the last block, taken through it again and again, then on to the output.",
    beware: "The net has not been trained for it; batch normalisation has the statistics of one time.",
  },
  sections: {
    name: "Loss at multiples of a step",
    about: "How far the training loss rises along each of the sharpest directions, measured in steps: 1 is as far as one mini-batch step of gradient descent moves along v_k, −1 as far the other way. "
      + "Where the curve at 1 lies above 0, gradient descent overshoots along this direction.",
    how: "Exact losses at 15 places between −16 and 16 steps; a step is the mean of η·|g_b·v_k| over ten mini-batches.",
  },
  memorisation: {
    name: "Memorisation",
    about: "What the net knows of clean and of corrupted training points. Corrupted as given: the wrong class, which can only be learnt by heart. Corrupted, true class: what the net says against its label. "
      + "Critical samples: the share of test points near which, within r in every input, it gives another answer.",
    how: "Answers by one pass. Critical samples by LASS: 30 steps along the sign of the gradient that leads away from the net's own answer, with noise, within the box of radius r. λ₁ comes from the probe of curvature.",
    beware: "A search finds a lower bound: a point that it leaves may be critical. Ratios of different radii are different measures, and an untrained net has a high one.",
  },
  sensitivity: {
    name: "Loss sensitivity",
    about: "How much an example's loss hangs on its input: the L1 norm of the gradient by the input, averaged over the measurements so far. Gini: 0 where all examples count alike, towards 1 where a few count alone. Real data are less even than random ones.",
    how: "One backward pass to the inputs at each measurement.",
  },
  learnt: {
    name: "Who is learnt first",
    about: "Share of the clean and of the corrupted training points that the net has answered as given at some measurement so far. Where clean points come first, the net finds what they share before it learns single points by heart.",
    how: "Counted at each measurement after the first update; a point may be forgotten again and still counts.",
  },
  layer_gradients: {
    name: "Gradient by layer",
    about: "Norm of the gradient of the mean training loss by the weights and biases of each layer, on a log scale. Through a chain of layers the gradient is multiplied by every layer on its way back: "
      + "lines that lie ever lower towards the inputs are a gradient that vanishes. The factor per layer says by how much, fitted on a log scale.",
    how: "One backward pass over the points that curvature is measured on; batch normalisation counts as folded into the weights.",
    beware: "Layers of different sizes have different norms even where nothing vanishes.",
  },
  tunnel: {
    name: "Tunnel width",
    about: "How far the weights can be moved until the loss has risen by a set amount: the median over random directions, and the nearer side along the sharpest direction. At a minimum the width is √(2δ/dᵀHd) as long as the loss is a parabola. "
      + "In neuron sizes a step of 1 moves each neuron by its own size, so that rescaling neurons changes nothing.",
    how: "The loss at 41 radii on each ray, each a quarter larger than the one before, then the root between two of them. A narrower ridge in between is passed over.",
    beware: "Where at least half of the rays do not rise within the largest radius there is no width: ×. Look further then. Early in training there may be no tunnel at all.",
  },
  saddle: {
    name: "Saddle index",
    about: "Share of the Hessian's eigenvalues that are negative: 0 at a minimum, and the higher a critical point lies, the larger it is found. The band is a standard error over random vectors.",
    how: "All eigenvalues are counted in nets of at most 300 parameters; else stochastic Lanczos quadrature. Eigenvalues within 10⁻⁶ of the largest one's size count as 0.",
    beware: "Training rarely stands at a critical point: read it beside the gradient norm. Many eigenvalues lie almost at 0, where a quadrature cannot tell their sign: the second number says between which shares the truth may lie.",
  },
  topology: {
    name: "Topology of a plane",
    about: "Basins of the training loss over a small plane through the net, as deep at least as a hundredth of the way from the lowest loss to the median one; and its roughness, by how much the loss has to rise in all before every basin has found a lower one.",
    how: "Persistent homology of the sub-level sets of the grid. The plane lies along two random directions with the net's own sizes, always the same draws, or along the two sharpest ones.",
    beware: "It is one plane of very many, seen through a coarse grid: narrow basins may be missing. Compare only planes of one reach and one grid.",
  },
  terms: {
    name: "Gradient terms",
    about: "What each term of the run, such as weight decay, adds to the loss that training makes small. The loss that is drawn elsewhere is without them.",
    how: "Worked out from the parameters; a term whose gradient is that of no function has no value.",
  },
  nudged: {
    name: "Nudged directions",
    about: "The largest eigenvalues of the Hessian at the directions along which the optimiser takes other steps, as it last looked for them.",
    how: "Lanczos on a fixed draw of training points, from the last directions on, until the residual of each is a few per cent; a product is one Hessian-vector product on that draw.",
    beware: "They are those of the last search: at the beginning of the epoch, or so many updates ago as was asked.",
  },
  nudge_factor: {
    name: "Factor along each direction",
    about: "What a step's part along each nudged direction is multiplied by: γ below 1 slows it, above 1 speeds it up. With auto the least of 1 and 2/(ηλ), with momentum (2 + 2μ)/(ηλ), which keeps each stable.",
    how: "From the eigenvalues of the last search and the learning rate now.",
  },
  nudge_alignment: {
    name: "Gradient along the directions",
    about: "cos(g, v_k): how much the gradient of the mean loss points along each nudged direction. Its sign is that of v_k, which is as good as −v_k.",
    how: "The exact gradient on the points that curvature is measured on.",
  },
  oscillation: {
    name: "Swinging along the sharpest directions",
    about: "Over the coming updates of the run: the share of them after which the mini-batch gradient's part along v_k has changed its sign, and the correlation of each displacement along v_k with the next. "
      + "On a quadratic, full-batch descent changes sides at every step where ηλ > 1 (share 1, correlation −1) and never where ηλ < 1. Along a random direction noise alone gives about ½ and 0.",
    how: "The very updates that come, at the present learning rate, are done, looked at and taken back; growth and commands are left out.",
  },
  step: {
    name: "What a step does",
    about: "Mean change of the training loss when only the part of a mini-batch step along v_k, along a random direction, or all of it is carried out, with the learning rate times γ.",
    how: "Exact losses at the moved weights, mean over ten mini-batches.",
  },
  learnt_excess: {
    name: "Who is learnt first",
    about: "In what share of many runs each point is right after a first epoch, sorted. Runs share their points and differ in first weights and orders. Dashed: points of which none is easier than another (binomial). "
      + "Variance: that of the counts by the binomial one, 1 where all are alike.",
    how: "A point is right where the net answers as the point is given, true or not.",
    beware: "Answers that a net prefers, such as a frequent label, make the points of that label look easier, also among random ones.",
  },
  excess_loss: {
    name: "Excess loss",
    about: "Mean loss of the chains above the minimum, ½ Tr(HΣ) with Σ the covariance of the cloud. Equation: (η/4S) Tr C, by the stochastic differential equation. "
      + "Finite step: the exact value of the chain as it is, from a discrete Lyapunov equation; for C = H without momentum Σ ηλ/4S / (1 − ηλ/2).",
    how: "Half of the updates settle the chains; the mean over the other half and all chains, with its standard error from chain to chain. Ellipses lie two standard deviations out.",
    beware: "The equation is that of small steps: where ηλ/2 is not far below 1, the cloud is wider than it says.",
  },
  basin_share: {
    name: "Share of basin A",
    about: "How much of their time the chains spend left of the barrier. Equation: odds √(H_B/H_A) · exp(2(L_B − L_A)/n), so the wider basin has more. "
      + "Finite step: the stationary density of the chain itself, from its integral equation.",
    how: "Half of the chains begin in each basin and settle before anything is counted. Bars: the chains; dashed: exp(−2L/n); solid: with the finite step.",
    beware: "The formula takes each basin for a whole parabola. At a high temperature much of the mass lies near the barrier, where it is none.",
  },
  temperature: {
    name: "Temperature n",
    about: "n = ηs²/(S(1 − μ)): how much the noise shakes the chains in the double well, in units of its loss. The noise s² follows from n, η, S and μ. The chains share themselves out as exp(−2L/n).",
    how: "Set here; the ratio of the noise of training, η/S times the variance of the gradient, has its place.",
    beware: "A cold chain crosses the barrier almost never: below some temperature it would take too long to settle, and the study is refused.",
  },
  hill_balance: {
    name: "r*",
    about: "Where hill and basin are in balance: r* = σ√(2 ln(s/(σ²λ))). 0 where the hill is flatter than the basin: then the ball comes back.",
    how: "From the settings alone. In many dimensions every Hessian eigenvalue λ has its own r*.",
  },
  hill_steepness: {
    name: "Steepness of the hill",
    about: "s/σ² is the curvature that the hill takes away on its top. Above λ the minimum has become a maximum.",
    how: "From the settings alone.",
  },
  hill_place: {
    name: "Place of the ball",
    about: "How far the ball is from the checkpoint. It goes down the loss with the hill by gradient descent, in small steps without noise.",
    how: "Worked out in the browser, the same for the same settings.",
  },
  ratio: {
    name: "Learning rate by batch size, η/S",
    about: "As a stochastic differential equation SGD knows learning rate η and batch size S as η/S alone, with momentum μ as η/(S(1 − μ)): the larger, the noisier its updates, and the flatter the minima that it ends in. "
      + "It is that of the next update, so schedules move it. For Adam it is not defined, since a step is no multiple of the gradient, and no number is shown. "
      + "B_simple = Tr C/‖g‖² is the batch size at which the noise of a gradient is as large as the gradient.",
    how: "From the present learning rate and batch size; B_simple from the gradients of all points, where the probe noise measures it.",
    beware: "It is all that counts only where steps are small, ηλ₁/2 far below 1 (with momentum λ₁ by its edge), and a batch is a small part of the training points, S/N far below 1.",
  },
  member: {
    name: "Members",
    about: "The nets of the ensemble: moments or ends of runs. They have to share training, validation and test points; runs of one seed that differ in their field member do, and so do the moments of one run.",
    how: "A moment is a net that the run keeps; the ends of the cycles of its schedule are always kept.",
  },
  member_weight: {
    name: "Weight of a member",
    about: "How much its class probabilities count in the mean of all: each alike, or in proportion to its accuracy on the validation part. Weights add up to 1.",
    how: "Accuracies are those of the member by itself on the validation points of the run.",
    beware: "Nets that are about equally good get about equal weights.",
  },
  together_accuracy: {
    name: "Test accuracy of the ensemble",
    about: "Share of the test points whose likeliest class is right, by the mean of the members' class probabilities. The line adds members one by one in their order, rings are each by itself, the dotted line is the net whose weights are the mean of theirs.",
    how: "One pass of each member over all test points.",
    beware: "The order of the members decides the line, not its end.",
  },
  member_accuracy: { name: "Mean test accuracy of the members", about: "The test accuracy of each member by itself, averaged.", how: "One pass of each member over all test points." },
  ensemble_gain: {
    name: "Gain of the ensemble over its members",
    about: "Its test accuracy less the mean of its members'. It comes from errors that the members do not share.",
    how: "The difference of the two.",
    beware: "A gain over weak members may still lie below one net that was trained as long as all of them.",
  },
  nll: {
    name: "Negative log likelihood (NLL)",
    about: "Mean over the test points of −log of the probability that the right class gets, in nats. Small is good; a single confident mistake costs much.",
    how: "From the mean of the members' class probabilities.",
  },
  ece: {
    name: "Expected calibration error (ECE)",
    about: "How far confidence lies from accuracy: mean gap between the two over 15 equal bins of confidence, weighed by the points in each. 0 is calibrated.",
    how: "From the likeliest class of the mean of the members' class probabilities.",
    beware: "With few test points it is above 0 for a calibrated net too.",
  },
  mean_weights: {
    name: "Mean of the weights",
    about: "The one net whose weights are the mean of the members'. It predicts as well as they do together where all lie in one low, flat part of the loss, and fails where a barrier lies between them.",
    how: "Running statistics of batch normalisation are taken anew from the training points.",
  },
  distance: { name: "Parameter distance", about: "Euclidean distance of two members in the space of their parameters.", how: "Without putting units into a common order; empty where they have other layers or edges." },
  disagreement: { name: "Disagreement", about: "Share of the test points on which the likeliest classes of two members differ.", how: "One pass of each over all test points." },
  error_correlation: {
    name: "Correlation of errors",
    about: "Correlation over the test points of two members being wrong: 1 when they fail on the same points. The less they share their errors, the more there is to gain from both.",
    how: "Empty where one of them is never wrong.",
  },
  barrier: {
    name: "Barrier on the straight line",
    about: "Height of the training loss on the straight line between the parameters of two members, above the straight line between their losses. 0 when both lie in one basin.",
    how: "Exact losses at 25 points of the line unless more were asked for.",
    beware: "Units that merely have another order make a barrier too.",
  },
  cell_distance: { name: "Cell distance", about: "Share of all pairs of a test point and a hidden unit whose activation, on or off, differs between two members.", how: "Exact for nets that bend at folds; empty for smooth ones and where widths differ." },
  member_boundaries: {
    name: "Boundaries",
    about: "Where each member (faint) and all together (thick) change their mind between classes. Where the members scatter, the data leave open where it lies. A line of the table lights its member.",
    how: "Traced on a grid of 161 × 161 points of the mean class probabilities.",
  },
  sde_limits: {
    name: "Limits of the equation",
    about: "η/S, with momentum η/(S(1 − μ)), is all that the equation knows of learning rate and batch size. ηλ₁/2 says how far a step goes along the sharpest direction: at 1 without momentum the chain diverges, and far below 1 it follows the equation.",
    how: "From the settings alone.",
  },
};

/** The entry of a measure, with what the server has said to it. */
export function wordsOf(key) {
  const { more = () => "", ...entry } = CATALOGUE[key] ?? { name: key, about: "", how: "" };
  return { ...entry, about: entry.about + more() };
}

/** What made a number, as rows of [name, words]: data, method, iterations, residual, time. */
export function provenance(event, ms) {
  if (!event) return [];
  const residual = event.residual ?? null;
  return [
    ["measured at", `update ${event.step}, epoch ${Math.floor(event.epoch * 10) / 10}`],
    ["data", !event.points ? null : `${event.points.toLocaleString("en-US")} training points${event.subset ? ` · ${event.subset}` : ""}`],
    ["method", event.method ? event.method.replaceAll("_", " ") : null],
    ["iterations", event.iterations === undefined ? null : `${event.iterations.toLocaleString("en-US")} products`],
    ["residual", residual === null ? null : residual.toExponential(1)],
    ["wall time", ms === undefined || ms === null ? null : `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms, the last one`],
  ].filter(([, words]) => words !== null);
}
