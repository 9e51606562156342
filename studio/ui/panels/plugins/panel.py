"""What the panel does: choosing a plugin, opening recipes, running, presets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.generative import root_of
from studio.core.geometry import Size
from studio.core.layers import LayerId
from studio.documents import DocumentKeeper
from studio.jobs.center import JobChanged, JobProgress
from studio.jobs.messages import JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId, refuse_numbers
from studio.placing import Remade
from studio.plugin_api.manifest import EngineKind, InputKind
from studio.plugin_api.params import ParamsClass, PixelSize, from_json, to_json
from studio.plugin_api.results import Results
from studio.plugin_host.registry import Plugin
from studio.requests import PluginRun, Recipe
from studio.session import Arrived, DocumentOpened, LayersSelected, Session
from studio.ui.canvas.view import CanvasView
from studio.ui.forms import text
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.host import FormHost, Mask, concerns_forms
from studio.ui.forms.presets import Presets
from studio.ui.forms.text import say
from studio.ui.notices import Notices
from studio.ui.panels.plugins.begun import BegunDocument
from studio.ui.panels.plugins.engines import LicenceDialog, to_be_shown, why_of
from studio.ui.panels.plugins.keeping import NameDialog
from studio.ui.panels.plugins.page import Chooser, PluginPage
from studio.ui.panels.plugins.running import Mood
from studio.ui.panels.results.gallery import ResultGallery
from studio.ui.refusals import say_refusal
from studio.ui.settings import SettingsFile, config_dir
from studio.ui.spoken import say_plugin
from studio.ui.work import FileWork


class Surroundings(Protocol):
    """What the panel uses of its window."""

    @property
    def canvas(self) -> CanvasView: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def settings(self) -> SettingsFile: ...
    @property
    def keeper(self) -> DocumentKeeper: ...
    @property
    def work(self) -> FileWork: ...
    @property
    def tool(self) -> str: ...
    def choose_tool(self, name: str) -> None: ...


@dataclass(slots=True)
class _Left:
    """How the panel was left for another plugin. `arrays` are the masks that `params` name."""

    params: ParamsClass
    arrays: Mapping[str, Mask]
    engine: str
    seed: int
    steps: int | None
    locked: bool


class PluginPanel(QWidget):
    """Runs the plugins of the session. Give it the window with `use_window` and the queue with `follow_jobs`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.host = FormHost(session, self)
        self.form: ParamsForm | None = None
        self._window: Surroundings | None = None
        self._plugin: Plugin | None = None
        self._presets: Presets | None = None
        self._left: dict[str, _Left] = {}
        self._recipe: Recipe | None = None
        self._jobs: list[JobId] = []
        self._own: set[JobId] = set()  # those that have ended, too
        self._ended: JobRecord | None = None
        self._begun = BegunDocument(session)
        self._subscriptions = Subscriptions()
        self._make_parts()
        self._listen()
        self.show_chooser()

    # What the window tells it

    def use_window(self, window: Surroundings) -> None:
        """Draw on the window's canvas, keep presets beside its settings, and tell what happened in its notices."""
        self._window = window
        self.host.use_canvas(window.canvas, lambda: window.choose_tool(window.tool))
        self.results.use_window(window.canvas, lambda work, then, failed: window.work.start("", work, then, failed))

    def follow_jobs(self) -> None:
        """Listen to the queue; call it once the session has a worker."""
        self._subscriptions.listen(self.session.jobs.changed, self._on_job)
        self._subscriptions.listen(self.session.jobs.progress, self._on_progress)
        self.results.refresh()
        self._show_state()

    def release(self) -> None:
        """Hear nothing more."""
        self.results.stop_comparing()
        self._subscriptions.close()
        self.host.release()

    # Choosing

    @property
    def plugin(self) -> str:
        """The id of the chosen plugin; empty for none."""
        return "" if self._plugin is None else self._plugin.manifest.id

    @property
    def presets(self) -> Presets | None:
        """Those of the chosen plugin."""
        return self._presets

    def show_chooser(self) -> None:
        """Let the user choose among all plugins."""
        self._pages.setCurrentWidget(self.chooser)

    def choose(self, plugin_id: str) -> None:
        """Show a plugin, as it was left."""
        if plugin_id == self.plugin:
            self._pages.setCurrentWidget(self._page)
            return
        try:
            plugin = self.session.registry.get(plugin_id)
            form = ParamsForm(plugin.params_class, self.host)
        except StudioError as error:
            self._fail(error)
            self._page.show_choice(self.plugin)
            return
        self._leave_plugin()
        self._plugin = plugin
        self._show_form(form)
        self._page.show_manifest(plugin.manifest)
        folder = config_dir() if self._window is None else self._window.settings.path.parent
        self._presets = Presets(folder / "presets", plugin_id)
        if self._presets.problem is not None:
            self._fail(self._presets.problem)
        self._restore(self._left.get(plugin_id))
        self._page.show_choice(self.plugin)
        self._pages.setCurrentWidget(self._page)
        self.results.show_plugin(plugin_id)
        self.run_bar.show_idle()
        self._show_jobs()
        self._on_engine()

    def _leave_plugin(self) -> None:
        self._recipe = None
        if self._plugin is not None and self.form is not None:
            engine, bar = self.engines.engine, self.seed_row
            self._left[self.plugin] = _Left(
                self.form.params,
                dict(self.form.arrays),
                "" if engine is None else engine.id,
                bar.seed,
                bar.steps,
                bar.is_locked,
            )
        self.host.arrays.clear()

    def _restore(self, left: _Left | None) -> None:
        if left is None or self.form is None:
            self.seed_row.show_seed(0, None, locked=False)
            return
        self.host.arrays.update(left.arrays)
        self.form.set_params(left.params)
        self.engines.choose(left.engine)
        self.seed_row.show_seed(left.seed, left.steps, locked=left.locked)

    def _show_form(self, form: ParamsForm) -> None:
        self._page.put_form(form, self.form)
        self.form = form
        form.changed.connect(self._show_state)

    @property
    def is_running(self) -> bool:
        """Whether something that was begun here waits or runs."""
        return bool(self._jobs)

    # Recipes

    @property
    def recipe(self) -> Recipe | None:
        """The open one."""
        return self._recipe

    def open_recipe(self, layer: LayerId | None = None) -> None:
        """Fill the panel from how a layer was made: the chosen one unless given."""
        chosen = layer or next(iter(self.session.selection), None)
        try:
            recipe = None if chosen is None else self.session.recipe(chosen)
        except StudioError as error:
            self._fail(error)
            return
        if recipe is not None:
            self._show_recipe(recipe)

    def leave_recipe(self) -> None:
        """Run anew from now on; the parameters stay."""
        self._recipe = None
        self._show_state()

    def _show_recipe(self, recipe: Recipe, *, opens: bool = True) -> None:
        self.choose(recipe.plugin)
        if self.plugin != recipe.plugin or self._plugin is None or self.form is None:
            return
        self.host.arrays = dict(recipe.arrays)
        try:
            params = from_json(self._plugin.params_class, recipe.params)
        except StudioError as error:
            self._fail(StudioError(say(text.RECIPE_CHANGED), error.hint, f"{error.message} {error.detail}"))
            params = self._plugin.params_class()
        self.form.set_params(params)
        self.engines.choose(recipe.engine)
        self._show_numbers(recipe.seed, recipe.steps, locked=True)
        self._recipe = recipe if opens else None
        self._show_state()

    def _show_numbers(self, seed: int, steps: int | None, *, locked: bool) -> None:
        """What is shown stays where a file tells what cannot be run."""
        try:
            refuse_numbers(seed, steps)
        except StudioError as error:
            self._fail(error)
        else:
            self.seed_row.show_seed(seed, steps, locked=locked)

    def _use_settings(self, job: str) -> None:
        """Fill the panel from a job of the list; its result needs not be in the document."""
        try:
            told, arrays = self.session.jobs.asked(JobId(job)), self.session.jobs.arrays(JobId(job))
        except StudioError as error:
            self._fail(error)
            return
        recipe = Recipe(
            root=LayerId(""),
            plugin=told.plugin,
            engine=told.engine,
            params=told.params,
            seed=told.seed,
            steps=told.steps,
            arrays=arrays,
        )
        self._show_recipe(recipe, opens=False)

    def _target(self) -> LayerId | None:
        """The layer in place of which results come: the open recipe's, while it is there."""
        if self._recipe is None or not self.session.has_document:
            return None
        return self._recipe.root if self.session.document.find(self._recipe.root) is not None else None

    # Running

    def why_not(self) -> str:
        """Why nothing can be run now; empty when something can."""
        if self._plugin is None or self.form is None:
            return say(text.PLUGIN_CHOOSE)
        if self._plugin.manifest.input is InputKind.PICTURE and not self.session.has_document:
            return say(text.NEEDS_PICTURE)
        if not self.session.has_jobs:
            return say(text.RUN_NO_WORKER)
        if not self.engines.state.can_run:
            return why_of(self.engines.state)
        found = self.form.problems()
        return next((found[name] for name in self.form.rows if name in found), "") or next(iter(found.values()), "")

    def run(self, variations: int = 0) -> None:
        """Run with what the panel shows; `variations` runs it so often, each with a seed of its own."""
        if self.why_not() or self._jobs or not self.session.settle():
            return
        engine = self.engines.engine
        waiting = [] if engine is None else to_be_shown(engine, self.session.consents)
        if waiting:
            dialog = LicenceDialog(waiting, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: self._accept(dialog, variations))
            dialog.open()
            return
        self._begin_document()
        try:
            for _ in range(max(1, variations)):
                if variations:
                    self.seed_row.roll()
                self._jobs.append(self.session.submit(self._asked(kept_aside=variations > 0)))
        except StudioError as error:
            self._fail(error)
        self._own.update(self._jobs)
        if not self._jobs:
            self._try(lambda: self._begun.drop(self._keeper))
        self._show_jobs()

    def cancel(self) -> None:
        """Stop what was begun here."""
        for job in list(self._jobs):
            self.session.jobs.cancel(job)

    def _accept(self, dialog: LicenceDialog, variations: int) -> None:
        try:
            for weights in dialog.weights:
                self.session.consents.accept(weights)
        except StudioError as error:
            self._fail(error)
            return
        self.run(variations)

    def _asked(self, *, kept_aside: bool) -> PluginRun:
        assert self.form is not None
        engine = self.engines.engine
        return PluginRun(
            plugin=self.plugin,
            params=json.loads(to_json(self.form.params)),
            engine=None if engine is None else engine.id,
            seed=self.seed_row.next_seed(),
            steps=self.seed_row.steps,
            arrays=self.form.arrays,
            in_place_of=self._target(),
            kept_aside=kept_aside,
        )

    @property
    def _keeper(self) -> DocumentKeeper | None:
        return None if self._window is None else self._window.keeper

    def _begin_document(self) -> None:
        """Something to put the result into, for a run that starts from nothing."""
        if self.form is None or self._plugin is None:
            return
        sizes = [row.field.value for row in self.form.rows.values() if isinstance(row.field.value, PixelSize)]
        size = next((Size(one.width, one.height) for one in sizes if one.width and one.height), None)
        self._begun.begin(size, say_plugin(self._plugin.manifest.title), self._keeper)

    # What it listens to

    def _on_job(self, news: JobChanged) -> None:
        record = news.record
        if news.job in self._jobs:
            self._show_own(news.job, record)
        if record is None or record.plugin == self.plugin:
            self.results.refresh()

    def _show_own(self, job: JobId, record: JobRecord | None) -> None:
        """News of a job that was begun here."""
        if record is not None and not record.state.is_final:
            self._show_jobs()
            return
        self._jobs.remove(job)
        if self._jobs:
            self._show_jobs()
        else:
            self._show_end(record)
        self._show_state()

    def _on_arrived(self, news: Arrived) -> None:
        """Choose what a run that was begun here has just put into the document, so that its recipe is at hand."""
        if news.job not in self._own:
            return
        made = [
            layer.id
            for layer in self.session.document.layers
            if layer.provenance is not None and layer.provenance.job == news.job
        ]
        if made:
            self.session.select(made[-1:])
            self._begun.fit()
        self._show_state()

    def _on_progress(self, news: JobProgress) -> None:
        if news.job in self._jobs:
            done = 0.0 if news.fraction is None else news.fraction
            self.run_bar.show_running(news.stage, None if news.fraction is None else done)

    def _on_loaded(self, job: str, results: Results) -> None:
        """A result was read: what it suggests, and what it wants to be read."""
        if self._ended is None or self._ended.id != job:
            return
        if results.suggestions and self.form is not None:
            self.form.suggest(results.suggestions)
            if not self._jobs:
                self.run_bar.show_idle(say(text.RUN_SUGGESTED), Mood.GOOD)
        for notice in results.notices:
            self._tell(notice)
        self._show_state()

    def _on_remade(self, news: Remade) -> None:
        layer = self.session.document.find(news.root)
        if news.is_gone:
            self._recipe = None
            self._tell(say(text.REMADE_GONE))
        elif news.kept:
            told = say(text.REMADE, layer="" if layer is None else layer.name)
            self._tell(told, say(text.REMADE_KEPT, names=", ".join(news.kept)))

    def _on_engine(self) -> None:
        engine = self.engines.engine
        self.seed_row.allow_steps(engine is not None and engine.kind is not EngineKind.CLASSICAL)
        self._show_state()

    def _on_opened(self, _: DocumentOpened) -> None:
        self._recipe = None
        for left in self._left.values():
            left.arrays = {}  # masks of another picture
        self.results.follow_document()
        self.results.refresh()
        self._show_state()

    def _on_shut(self, _: None) -> None:
        self._recipe = None
        self.results.stop_comparing()
        self._show_state()

    def _on_changed(self, news: DocumentChanged) -> None:
        self.results.follow_document()
        if concerns_forms(news.changes):
            self._show_state()

    def _on_selected(self, _: LayersSelected) -> None:
        self._show_state()

    # Presets

    def _ask_preset(self) -> None:
        if self._presets is None:
            return
        dialog = NameDialog(self._presets.names(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.save_preset(dialog.name))
        dialog.open()

    def save_preset(self, name: str) -> None:
        """Keep what the panel shows under a name."""
        engine = self.engines.engine
        if self._presets is not None and self.form is not None:
            presets, form = self._presets, self.form
            self._try(lambda: presets.save(name, form.params, "" if engine is None else engine.id, self.seed_row.steps))

    def load_preset(self, name: str) -> None:
        """Show what was kept under a name."""
        if self._presets is None or self.form is None or self._plugin is None:
            return
        preset = self._presets[name]
        try:
            params = preset.read(self._plugin.params_class)
        except StudioError as error:
            self._fail(error)
            return
        self.form.set_params(params)
        self.engines.choose(preset.engine)
        self._show_numbers(self.seed_row.seed, preset.steps, locked=self.seed_row.is_locked)
        self._show_state()

    def delete_preset(self, name: str) -> None:
        """Forget what was kept under a name."""
        if self._presets is not None:
            presets = self._presets
            self._try(lambda: presets.delete(name))

    def _reset(self) -> None:
        if self.form is not None:
            self.form.reset()

    # Showing

    def _show_state(self) -> None:
        """The recipe's strip, the menu of presets, and whether Run can be pressed."""
        self._show_strip()
        self.results.show_target()
        if self.form is None:
            return
        names = [] if self._presets is None else self._presets.names()
        self.preset_button.show_presets(names, is_default=self.form.is_default)
        label = say(text.RUN_IN_PLACE) if self._target() else say(text.RUN)
        note = "" if self.session.has_document else say(text.RUN_NEW_DOCUMENT)
        self.run_bar.allow(self.why_not(), label, note)

    def _show_strip(self) -> None:
        if not self.session.has_document:
            self.strip.hide()
            return
        if (target := self._target()) is not None:
            self.strip.show_open(self.session.document.layer(target).name)
            return
        chosen = next(iter(self.session.selection), None)
        root = None if chosen is None else root_of(self.session.document, chosen)
        if root is None or root.provenance is None:
            self.strip.hide()
            return
        titles = {plugin.manifest.id: say_plugin(plugin.manifest.title) for plugin in self.session.registry}
        made_by = root.provenance.plugin
        self.strip.offer(root.name, titles.get(made_by, made_by), known=made_by in titles)

    def _show_jobs(self) -> None:
        """What the first of this panel's jobs is at."""
        if not self._jobs:
            return
        records = {record.id: record for record in self.session.jobs.records()}
        first = next((records[job] for job in self._jobs if job in records), None)
        if first is not None and first.state is JobState.RUNNING:
            self.run_bar.show_running(say(text.RUN_STARTS), None)
            return
        waiting = [job for job, record in records.items() if record.state in (JobState.QUEUED, JobState.RUNNING)]
        before = waiting.index(first.id) if first is not None and first.id in waiting else 0
        self.run_bar.show_running(say(text.RUN_WAITING, count=before) if before else say(text.RUN_NEXT), None)

    def _show_end(self, record: JobRecord | None) -> None:
        self._ended = record
        if record is None or record.state is JobState.CANCELLED:
            self.run_bar.show_idle(say(text.RUN_CANCELLED))
        elif record.state is JobState.FAILED:
            words = say_refusal(StudioError(record.message, record.hint))
            self.run_bar.show_idle(words, Mood.ERROR, has_details=bool(record.detail))
        else:
            seconds = max(0.0, record.ended_s - record.started_s)
            self.run_bar.show_idle(say(text.RUN_DONE, seconds=f"{seconds:.1f}"), Mood.GOOD)

    def _show_details(self) -> None:
        if self._ended is not None:
            self._fail(StudioError(self._ended.message, self._ended.hint, self._ended.detail))

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StudioError as error:
            self._fail(error)
        self._show_state()

    def _tell(self, message: str, hint: str = "") -> None:
        if self._window is not None:
            self._window.notices.tell(message, hint=hint)

    def _fail(self, error: BaseException) -> None:
        if self._window is not None:
            self._window.notices.fail(error)
        elif isinstance(error, StudioError):
            self.run_bar.show_idle(say_refusal(error), Mood.ERROR)

    # The parts

    def _listen(self) -> None:
        session, listen = self.session, self._subscriptions.listen
        listen(session.opened, self._on_opened)
        listen(session.was_shut, self._on_shut)
        listen(session.document_changed, self._on_changed)
        listen(session.selected, self._on_selected)
        listen(session.remade, self._on_remade)
        listen(session.arrived, self._on_arrived)
        self._page.chosen.connect(self.choose)
        self.chooser.chosen.connect(self.choose)
        self.host.run_wanted.connect(lambda: self.run())
        self.engines.changed.connect(self._on_engine)
        self.strip.open.connect(lambda: self.open_recipe())
        self.strip.leave.connect(self.leave_recipe)
        self.run_bar.run.connect(lambda: self.run())
        self.run_bar.vary.connect(self.run)
        self.run_bar.cancel.connect(self.cancel)
        self.run_bar.details.connect(self._show_details)
        self.preset_button.chosen.connect(self.load_preset)
        self.preset_button.deleted.connect(self.delete_preset)
        self.preset_button.save.connect(self._ask_preset)
        self.preset_button.reset.connect(self._reset)
        self.results.loaded.connect(self._on_loaded)
        self.results.failed.connect(self._fail)
        self.results.recipe_wanted.connect(self._use_settings)

    def _make_parts(self) -> None:
        manifests = [plugin.manifest for plugin in self.session.registry]
        self.results = ResultGallery(self.session, self._target, self)
        self._page = page = PluginPage(manifests, self.results, self)
        self.choice, self.preset_button, self.strip = page.choice, page.preset_button, page.strip
        self.engines, self.seed_row, self.run_bar = page.engines, page.seed_row, page.run_bar
        self.chooser = Chooser(manifests, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(page)
        self._pages.addWidget(self.chooser)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
