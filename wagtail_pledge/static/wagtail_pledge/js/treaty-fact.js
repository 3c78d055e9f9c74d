// Draftail plugin for live treaty facts: a dialog rendered by the server, and an immutable entity in the text.
(() => {
  const { React, DraftJS, draftail, jQuery } = window;
  if (!draftail || !DraftJS) return;

  const handlers = {
    choose(modal) {
      modal.ajaxifyForm(jQuery('[data-treaty-fact-form]', modal.body));
    },
    chosen(modal, response) {
      modal.respond('chosen', response.result);
    },
  };

  class TreatyFactSource extends draftail.ModalWorkflowSource {
    getChooserConfig(entity) {
      return {
        url: this.props.entityType.chooserUrls.treatyFact,
        urlParams: entity ? entity.getData() : {},
        onload: handlers,
        responses: { chosen: this.onChosen },
      };
    }

    filterEntityData({ treaty, fact, state, examples }) {
      return { treaty, fact, state, examples };
    }

    onChosen(result) {
      const { editorState, entityType, entityKey, onComplete } = this.props;
      const content = editorState.getCurrentContent();
      let selection = editorState.getSelection();
      if (entityKey) {
        // Replace the whole existing fact
        const block = content.getBlockForKey(selection.getStartKey());
        block.findEntityRanges(
          (character) => character.getEntity() === entityKey,
          (start, end) => {
            selection = selection.merge({ anchorOffset: start, focusOffset: end, isBackward: false });
          },
        );
      }
      const withEntity = content.createEntity(entityType.type, 'IMMUTABLE', this.filterEntityData(result));
      const key = withEntity.getLastCreatedEntityKey();
      const replaced = DraftJS.Modifier.replaceText(withEntity, selection, result.text, null, key);
      this.workflow.close();
      onComplete(DraftJS.EditorState.push(editorState, replaced, 'insert-characters'));
    }
  }

  const TreatyFact = ({ children, contentState, entityKey }) => {
    const { treaty } = contentState.getEntity(entityKey).getData();
    return React.createElement('mark', { title: treaty }, children);
  };

  draftail.registerPlugin(
    { type: 'PLEDGE-TREATY-FACT', source: TreatyFactSource, decorator: TreatyFact },
    'entityTypes',
  );
})();
