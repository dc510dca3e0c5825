"""The training loop: everything that happens to a run, in the order in which it happens."""

from __future__ import annotations

import time
from dataclasses import asdict

from cnntrain.errors import DivergedError, Interrupted, resource_errors
from cnntrain.nn.execution.memory import peak_memory
from cnntrain.optim.objective import EvalCounts
from cnntrain.runs.rows import StepRow, Timing
from cnntrain.runs.summary import Summary
from cnntrain.training import state
from cnntrain.training.control.apply import apply, dropped
from cnntrain.training.control.requests import Control
from cnntrain.training.epoch_metrics import extra_columns, measure_epoch
from cnntrain.training.event import Event
from cnntrain.training.layer_rows import layer_rows
from cnntrain.training.phase_switch import prepare_next_epoch
from cnntrain.training.run import TrainingRun
from cnntrain.training.signals import Signals
from cnntrain.training.step import TrainingStep
from cnntrain.training.stopping import End, first_end


def train(run: TrainingRun, control: Control, signals: Signals) -> Summary:
    """Train from where `run` is to the end, whatever that is; the summary, which says what it was.

    Raises what ended training, when the summary has been written: DivergedError, the exception of
    a signal, or a CnntrainError of another kind.
    """
    for pending in control.start(run.trainer.position.actions):
        run.journal.tell(dropped(pending, "it came too late"))
        pending.remove_request()
    run.journal.write_summary()
    run.heartbeat.begin(run.plan())
    run.progress.begin(run.plan())
    run.log.begin()
    try:
        with resource_errors(), signals.put_off():
            _end(run, control, _epochs(run, control, signals))
    except DivergedError as error:
        _end(run, control, End("diverged", str(error), error.exit_code))
        raise
    except (Interrupted, KeyboardInterrupt) as signal:
        _end(run, control, End("interrupted", f"by {str(signal) or 'SIGINT'}", None))
        raise
    except Exception as error:
        run.journal.fail(error)
        raise
    finally:
        run.log.end()
        run.heartbeat.end()
        run.progress.end()
    signals.act()  # on one that came too late to stop anything here
    return run.summary


def _epochs(run: TrainingRun, control: Control, signals: Signals) -> End:
    """Epoch after epoch until something ends training; what it was."""
    config, trainer, directory = run.config, run.trainer, run.directory
    while run.ended is None:
        start, seen_before, cost = time.monotonic(), trainer.samples_seen, EvalCounts()

        for batch in trainer.epoch():
            # Here the run can be resumed, bit for bit.
            if (stopped := _between_steps(run, control, signals)) is not None:
                return stopped
            recorded = _is_due(config.record_steps, trainer.position.step + 1)
            step = trainer.step(batch, norms=recorded)
            if recorded:
                directory.tables.add(_step_row(step))
            cost += step.cost
            run.heartbeat.step(step)
            run.progress.step(step)
        speed = (step.running.samples - seen_before) / (time.monotonic() - start)

        row = measure_epoch(trainer, step, extra_columns(config))
        best = run.best.update(row)
        run.summary.add(row, best)

        # Patience, plateau and phase come before the checkpoint, which holds their counters.
        events: list[Event] = []
        ended = first_end(run.rules, row, run.summary.best_epoch)
        if ended is None:
            events, ended = prepare_next_epoch(trainer, run.rules, row, config.epochs)
        for event in events:
            run.journal.record(event.kind, **event.details)

        # The metrics row is on the disk before the checkpoint that counts it.
        run.row, run.ended = row, ended
        directory.tables.add(*layer_rows(trainer, step))
        directory.tables.add(row)
        run.log.epoch(row)
        directory.checkpoints.save_epoch(
            state.save(run), row.epoch, run.summary.best_epoch, config.checkpoint.keep
        )

        timing = Timing(
            epoch=row.epoch,
            seconds=round(time.monotonic() - start, 3),
            samples_per_second=round(speed, 1),
            **asdict(cost),
            peak_mib=peak_memory(),
        )
        directory.tables.add(timing)
        run.progress.epoch(row, timing, best)
        for event in events:
            run.journal.note(event.note)  # below the epoch's line
        if run.ended is None:
            run.journal.write_summary()
            if config.max_minutes != "none" and run.journal.seconds >= 60 * config.max_minutes:
                return End("time_limit", f"{config.max_minutes:g} minutes are over", 7)
    return run.ended


def _between_steps(run: TrainingRun, control: Control, signals: Signals) -> End | None:
    """Do what people, the config and signals ask for before the next step; the end if they do."""
    position, journal = run.trainer.position, run.journal
    save, stopped = _is_due(run.config.checkpoint.every_steps, position.step), None
    for pending in control.due(position.step):
        event = apply(pending, run.trainer)
        if event is not None:
            journal.tell(event)
        pending.remove_request()  # now that it is recorded
        save = save or not pending.action.changes_rate
        if pending.action.text == "stop":
            stopped = End("stopped", f"by hand after step {position.step:,}", 7)
            break
    if (name := signals.take_save()) is not None:
        journal.tell(Event("checkpoint", f"checkpoint (by {name})", {"cause": name}))
        save = True
    # At the start of an epoch, the checkpoint of the one before is all that is needed.
    if (save or signals.pending is not None) and position.batch > 0:
        run.directory.checkpoints.save_step(state.save(run), position.step)
    if stopped is None:
        signals.act()
    return stopped


def _end(run: TrainingRun, control: Control, end: End) -> None:
    """Drop the requests for which no step is left, and write down how the run ended."""
    late = [(pending, "it came too late") for pending in control.requested(0)]
    if end.exit_code == 0:  # complete: what is left of the script will never be due
        late += [(p, f"its step {p.step:,} was not reached") for p in control.script]
    for pending, reason in late:
        run.journal.tell(dropped(pending, reason))
        pending.remove_request()
    if end.exit_code == 0:
        for number in range(run.trainer.position.phase + 2, len(run.trainer.phases) + 1):
            run.journal.warn(f"phase {number} was not reached")
    run.journal.end(end)


def _is_due(every: int | str, step: int) -> bool:
    """Whether something done every so many steps, or "none" at all, is due at this one."""
    return every != "none" and step % int(every) == 0


def _step_row(step: TrainingStep) -> StepRow:
    return StepRow(
        step=step.step,
        samples=step.samples,
        learning_rate=step.rate,
        loss=step.loss,
        gradient_norm=step.gradient_norm,
        step_norm=step.step_norm,
    )
