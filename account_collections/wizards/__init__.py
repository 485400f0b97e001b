from . import collection_go_live, collection_pause, collection_preview
